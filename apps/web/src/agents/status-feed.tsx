import { getQueryKey } from '@trpc/react-query';
import { queryClient, trpc } from '../trpc.ts';

const listKey = getQueryKey(trpc.instance.list);

/** Keeps the list of agents as it is, as long as it stands on the page. */
export function StatusFeed() {
  const { instance } = trpc.useUtils();
  trpc.instance.onStatus.useSubscription(undefined, {
    onData: (instances) => {
      instance.list.setData(undefined, instances);
      // An answer that is on its way may be older.
      if (queryClient.isFetching({ queryKey: listKey }) > 0) void instance.list.invalidate();
    },
  });
  return null;
}
