import { useFormatter } from 'use-intl';
import { useNow } from './use-now.ts';

/** How long ago, in words: `ago(at)`. Never in the future, whatever the two clocks say. */
export function useAgo() {
  const format = useFormatter();
  const now = useNow(30_000);
  return (at: string) => format.relativeTime(new Date(at), Math.max(now, Date.parse(at)));
}
