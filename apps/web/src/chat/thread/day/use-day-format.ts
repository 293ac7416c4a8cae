import { useFormatter, useTranslations } from 'use-intl';
import { serverNow } from '../../../trpc.ts';

const DAY_MS = 24 * 3_600_000;

/** Returns whether two times are on the same local day. */
export const isSameDay = (a: number | string, b: number | string) =>
  new Date(a).toDateString() === new Date(b).toDateString();

/** Returns a function that formats the day of a time in ISO 8601: today, yesterday, or its date. */
export function useDayFormat() {
  const t = useTranslations('chat');
  const format = useFormatter();
  return (at: string) => {
    const now = serverNow();
    if (isSameDay(at, now)) return t('today');
    if (isSameDay(at, now - DAY_MS)) return t('yesterday');
    const date = new Date(at);
    const isThisYear = date.getFullYear() === new Date(now).getFullYear();
    return format.dateTime(date, {
      weekday: 'long',
      day: 'numeric',
      month: 'long',
      year: isThisYear ? undefined : 'numeric',
    });
  };
}
