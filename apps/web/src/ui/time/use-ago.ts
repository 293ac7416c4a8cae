import { useFormatter } from 'use-intl';
import { useNow } from './use-now.ts';

/** Returns a function that formats a past time, such as "5 minutes ago". A time in the future is shown as now. */
export function useAgo() {
  const format = useFormatter();
  const now = useNow(30_000);
  return (at: string) => format.relativeTime(new Date(at), Math.max(now, Date.parse(at)));
}
