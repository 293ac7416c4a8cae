import { trpc } from '../trpc.ts';

/** Returns the status of iAgent, refetched every 10 s, or every 2 s while it is starting. */
export const useAssistant = () =>
  trpc.assistant.status.useQuery(undefined, {
    refetchInterval: ({ state }) => (state.data?.status === 'DEPLOYING' ? 2_000 : 10_000),
    refetchOnWindowFocus: 'always',
  });
