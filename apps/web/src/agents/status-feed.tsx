import { trpc } from '../trpc.ts';

/** Keeps the list of agents as it is, as long as it stands on the page. */
export function StatusFeed() {
  const { instance } = trpc.useUtils();
  trpc.instance.onStatus.useSubscription(undefined, {
    onData: (instances) => {
      // An answer that is on its way may be older.
      void instance.list.cancel();
      instance.list.setData(undefined, instances);
    },
  });
  return null;
}
