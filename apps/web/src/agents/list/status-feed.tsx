import { getQueryKey } from '@trpc/react-query';
import { useEffect, useRef } from 'react';
import { queryClient, trpc } from '../../trpc.ts';
import { setListFresh } from './list-freshness.ts';

const listKey = getQueryKey(trpc.instance.list);

/** Keeps the list of agents up to date while it is mounted. */
export function StatusFeed() {
  const { instance } = trpc.useUtils();
  const { status } = trpc.instance.onStatus.useSubscription(undefined, {
    onData: (instances) => {
      instance.list.setData(undefined, instances);
      // The response of a query in flight may be older than this event.
      if (queryClient.isFetching({ queryKey: listKey }) > 0) void instance.list.invalidate();
    },
  });
  // The stream itself detects missed changes. Without it, for example after an error, the list is read periodically.
  trpc.instance.list.useQuery(undefined, { refetchInterval: status !== 'pending' && 10_000 });
  // The first connection is not a lost one.
  const wasConnected = useRef(false);
  useEffect(() => {
    if (status === 'pending') wasConnected.current = true;
    setListFresh(status === 'pending' || !wasConnected.current);
    return () => setListFresh(true);
  }, [status]);
  return null;
}
