import { isSameDay, useDayFormat } from './use-day-format.ts';

/** Line with the day of a message, unless the message before it is of the same day. */
export function DaySeparator({ at, previousAt }: { at: string; previousAt: string | undefined }) {
  const formatDay = useDayFormat();
  if (previousAt && isSameDay(previousAt, at)) return null;
  return (
    <p data-testid="day" className="mb-4 flex items-center gap-3 text-faint text-xs">
      <span className="h-px flex-1 bg-line" />
      <time dateTime={at.slice(0, 10)}>{formatDay(at)}</time>
      <span className="h-px flex-1 bg-line" />
    </p>
  );
}
