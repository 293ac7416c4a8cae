import { useTranslations } from 'use-intl';
import { formatClock, useSecondsLeft } from '../ui/use-seconds-left.ts';

/** Countdown to the expiry of an approval. */
export function TimeLeft({ until }: { until: string }) {
  const t = useTranslations('approval');
  const left = useSecondsLeft(until);
  return (
    <span className="ml-auto text-sm text-warn tabular-nums">
      {left > 0 ? t('expires', { left: formatClock(left) }) : t('expiring')}
    </span>
  );
}
