import { trpc } from '../trpc.ts';

/** My agents. What changes comes by itself (`StatusFeed`); asked for every ten seconds too, for when it does not. */
export const useInstances = () =>
  trpc.instance.list.useQuery(undefined, { refetchInterval: 10_000, refetchOnWindowFocus: 'always' });
