import { useMemo } from 'react';
import { trpc } from '../trpc.ts';
import { useRemoving } from './manage/removals.ts';
import { removals } from './manage/use-remove.ts';

/** Returns the visible instances, without those whose removal can still be undone. `StatusFeed` updates the list. */
export function useInstances() {
  const query = trpc.instance.list.useQuery(undefined, { refetchOnWindowFocus: 'always' });
  const removing = useRemoving(removals);
  const { data } = query;
  const visible = useMemo(() => data?.filter(({ id }) => !removing.has(id)), [data, removing]);
  return { ...query, data: visible };
}
