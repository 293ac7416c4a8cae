import { trpc } from '../trpc.ts';

/** My agents, asked for again every ten seconds, or every two while one is being deployed. */
export const useInstances = () =>
  trpc.instance.list.useQuery(undefined, {
    refetchInterval: ({ state }) => (state.data?.some(({ status }) => status === 'DEPLOYING') ? 2_000 : 10_000),
    refetchOnWindowFocus: 'always',
  });
