import { useTranslations } from 'use-intl';
import { formatClock, useSecondsLeft } from '../ui/time/use-seconds-left.ts';

/** Time before the expiry from which the countdown is emphasized. */
const URGENT_SECONDS = 5 * 60;

/** Countdown to the expiry of an approval. */
export function TimeLeft({ until }: { until: string }) {
  const t = useTranslations('approval');
  const left = useSecondsLeft(until);
  return (
    <span
      className={`ml-auto text-sm tabular-nums ${left <= URGENT_SECONDS ? 'rounded-md bg-bad px-2 py-0.5 font-semibold text-page' : 'text-warn'}`}
    >
      {left > 0 ? t('expires', { left: formatClock(left) }) : t('expiring')}
    </span>
  );
}
