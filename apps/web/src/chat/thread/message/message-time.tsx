import { useFormatter } from 'use-intl';

/** Time of day of a message; the exact time is its title. */
export function MessageTime({ at }: { at: string }) {
  const format = useFormatter();
  const time = new Date(at);
  return (
    <time
      dateTime={at}
      title={format.dateTime(time, { dateStyle: 'full', timeStyle: 'medium' })}
      className="text-faint text-xs tabular-nums"
    >
      {format.dateTime(time, { hour: '2-digit', minute: '2-digit' })}
    </time>
  );
}
