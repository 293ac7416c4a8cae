import { toDuration } from '@it0/client/tool/duration';
import { useTranslations } from 'use-intl';

/** Returns a function that formats a duration in milliseconds, with tenths of seconds unless the precision is `seconds`. */
export function useDurationFormat() {
  const t = useTranslations('duration');
  return (ms: number, precision?: 'seconds') => {
    const duration = toDuration(ms);
    if (duration.unit === 'ms') return t('ms', duration);
    if (duration.unit === 's') return t('s', { seconds: duration.seconds.toFixed(precision ? 0 : 1) });
    return duration.unit === 'min' ? t('min', duration) : t('h', duration);
  };
}
