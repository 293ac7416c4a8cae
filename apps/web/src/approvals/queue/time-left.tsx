import { useTranslations } from 'use-intl';
import { clock, useSecondsLeft } from '../../ui/use-seconds-left.ts';

/** How long something can still be decided. */
export function TimeLeft({ until }: { until: string }) {
  const t = useTranslations('approval');
  const left = useSecondsLeft(until);
  return (
    <span className="ml-auto text-sm text-warn tabular-nums">
      {left > 0 ? t('expires', { left: clock(left) }) : t('expiring')}
    </span>
  );
}
