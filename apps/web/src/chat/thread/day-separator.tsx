import { useFormatter, useTranslations } from 'use-intl';
import { serverNow } from '../../trpc.ts';

const toDay = (time: number | string) => new Date(time).toDateString();
const DAY_MS = 24 * 3_600_000;

/** Line with the day of a message, unless the message before it is of the same day. */
export function DaySeparator({ at, previousAt }: { at: string; previousAt: string | undefined }) {
  const t = useTranslations('chat');
  const format = useFormatter();
  if (previousAt && toDay(previousAt) === toDay(at)) return null;
  const now = serverNow();
  const date = new Date(at);
  const isThisYear = date.getFullYear() === new Date(now).getFullYear();
  const name =
    toDay(at) === toDay(now)
      ? t('today')
      : toDay(at) === toDay(now - DAY_MS)
        ? t('yesterday')
        : format.dateTime(date, {
            weekday: 'long',
            day: 'numeric',
            month: 'long',
            year: isThisYear ? undefined : 'numeric',
          });
  return (
    <p data-testid="day" className="mb-4 flex items-center gap-3 text-faint text-xs">
      <span className="h-px flex-1 bg-line" />
      <time dateTime={at.slice(0, 10)}>{name}</time>
      <span className="h-px flex-1 bg-line" />
    </p>
  );
}
