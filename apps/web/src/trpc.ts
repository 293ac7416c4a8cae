import type { AppRouter } from '@it0/api/router';
import { connect } from '@it0/client/client';
import { getReason, isTransient } from '@it0/client/errors';
import type { Reason } from '@it0/contracts/reasons';
import { QueryClient } from '@tanstack/react-query';
import { createTRPCReact } from '@trpc/react-query';
import { firstDate } from './first-requests.ts';
import { firstRequestsLink } from './first-requests-link.ts';
import { checkVersion } from './offline/versions.ts';

export const queryClient: QueryClient = new QueryClient({
  defaultOptions: {
    queries: { staleTime: 1_000, retry: (failures, error) => isTransient(getReason(error)) && failures < 2 },
  },
});

/** Errors after which the signed-in user, or their role, may have changed. */
const IDENTITY_REASONS: Reason[] = ['NOT_SIGNED_IN', 'FORBIDDEN', 'NO_TENANT'];
const refetchMe = () => void queryClient.invalidateQueries({ queryKey: [['auth', 'me']] });

let wasOpen = false;
const connection = connect({
  url: location.origin,
  // The page follows the refetched user: it shows the sign-in form, or hides what the new role does not allow.
  onRefused: (reason, path) => {
    if (IDENTITY_REASONS.includes(reason) && path !== 'auth.me') refetchMe();
  },
  onOpen() {
    // The first time, the page has just been loaded.
    if (wasOpen) {
      refetchMe();
      checkVersion();
    }
    wasOpen = true;
  },
  firstLink: firstRequestsLink,
});

firstDate?.then(
  (received) => connection.observeDate(...received),
  () => {},
);

/** Returns the server's time in milliseconds, for comparison with times from the server. */
export const serverNow = connection.now;

/** Client without a cache, for chats, which have their own state, and for single mutations. */
export const client = connection.trpc;

/** Hooks with a cache, for queries. */
export const trpc = createTRPCReact<AppRouter>();
export const trpcClient = trpc.createClient({ links: connection.links });

/** Drops all cached data and the WebSocket. Required after every sign-in, sign-out and change of tenant. */
export async function resetSession() {
  await connection.close();
  await queryClient.resetQueries();
}
