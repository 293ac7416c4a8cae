import { useTranslations } from 'use-intl';
import { useNow } from '../ui/use-now.ts';

/** How long something can still be decided. */
export function TimeLeft({ until }: { until: string }) {
  const t = useTranslations('approval');
  const left = Math.ceil((Date.parse(until) - useNow(1_000)) / 1_000);
  return (
    <span className="ml-auto text-sm text-warn tabular-nums">
      {left > 0 ? t('expires', { left: clock(left) }) : t('expiring')}
    </span>
  );
}

const clock = (seconds: number) => `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
