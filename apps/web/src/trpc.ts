import type { AppRouter } from '@it0/api/router';
import { connect } from '@it0/client/client';
import { getReason, isTransient } from '@it0/client/errors';
import type { Reason } from '@it0/contracts/reasons';
import { QueryClient } from '@tanstack/react-query';
import { createTRPCReact } from '@trpc/react-query';

export const queryClient: QueryClient = new QueryClient({
  defaultOptions: {
    queries: { staleTime: 1_000, retry: (failures, error) => isTransient(getReason(error)) && failures < 2 },
  },
});

/** Refusals by which one learns that one is not who one was. */
const aboutMe: Reason[] = ['NOT_SIGNED_IN', 'FORBIDDEN', 'NO_TENANT'];
const refetchMe = () => void queryClient.invalidateQueries({ queryKey: [['auth', 'me']] });

const connection = connect({
  url: location.origin,
  // Signed out meanwhile, or given another role: ask who we are, and the page follows.
  onRefused: (reason, path) => {
    if (aboutMe.includes(reason) && path !== 'auth.me') refetchMe();
  },
  onOpen: refetchMe,
});

/** Returns the server's time in milliseconds, for comparison with times from the server. */
export const serverNow = connection.now;

/** For chats, whose state is their own and lives in no cache, and for what is done once. */
export const client = connection.trpc;

/** For lists and everything else that is asked for and shown. */
export const trpc = createTRPCReact<AppRouter>();
export const trpcClient = trpc.createClient({ links: connection.links });

/** After somebody signed in or out, or went to another tenant: nothing that was asked for before is kept. */
export async function resetSession() {
  await connection.close();
  await queryClient.resetQueries();
}
