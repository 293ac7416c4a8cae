import { trpc } from '../trpc.ts';

/** Returns the visible instances. `StatusFeed` updates the list. */
export const useInstances = () => trpc.instance.list.useQuery(undefined, { refetchOnWindowFocus: 'always' });
