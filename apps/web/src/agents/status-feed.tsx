import { getQueryKey } from '@trpc/react-query';
import { queryClient, trpc } from '../trpc.ts';

const listKey = getQueryKey(trpc.instance.list);

/** Keeps the list of agents up to date while it is mounted. */
export function StatusFeed() {
  const { instance } = trpc.useUtils();
  trpc.instance.onStatus.useSubscription(undefined, {
    onData: (instances) => {
      instance.list.setData(undefined, instances);
      // The response of a query in flight may be older than this event.
      if (queryClient.isFetching({ queryKey: listKey }) > 0) void instance.list.invalidate();
    },
  });
  return null;
}
