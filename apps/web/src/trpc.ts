import type { AppRouter } from '@it0/api/router';
import { connect } from '@it0/client/client';
import { isPassing, reasonOf } from '@it0/client/errors';
import { QueryCache, QueryClient } from '@tanstack/react-query';
import { createTRPCReact } from '@trpc/react-query';

const connection = connect({ url: location.origin });

/** For chats: their state is their own and lives in no cache. */
export const client = connection.trpc;

/** For lists and everything else that is asked for and shown. */
export const trpc = createTRPCReact<AppRouter>();
export const trpcClient = trpc.createClient({ links: connection.links });

export const queryClient: QueryClient = new QueryClient({
  defaultOptions: {
    queries: { staleTime: 1_000, retry: (failures, error) => isPassing(reasonOf(error)) && failures < 2 },
  },
  queryCache: new QueryCache({
    onError: (error, query) => {
      // Signed out meanwhile: ask who we are, and the page follows.
      if (reasonOf(error) === 'NOT_SIGNED_IN' && JSON.stringify(query.queryKey[0]) !== '["auth","me"]')
        void queryClient.invalidateQueries({ queryKey: [['auth', 'me']] });
    },
  }),
});
