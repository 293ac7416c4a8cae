import { trpc } from '../trpc.ts';

/** How iAgent is, asked for again as the instances are. */
export const useAssistant = () =>
  trpc.assistant.status.useQuery(undefined, {
    refetchInterval: ({ state }) => (state.data?.status === 'DEPLOYING' ? 2_000 : 10_000),
    refetchOnWindowFocus: 'always',
  });
