import { trpc } from '../trpc.ts';

/** Returns the visible instances. `StatusFeed` pushes changes; the list is also refetched every 10 s as a fallback. */
export const useInstances = () =>
  trpc.instance.list.useQuery(undefined, { refetchInterval: 10_000, refetchOnWindowFocus: 'always' });
