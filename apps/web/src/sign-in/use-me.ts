import { getReason, isTransient } from '@it0/client/errors';
import type { Permission } from '@it0/contracts/permissions';
import { createContext, useContext } from 'react';
import { trpc } from '../trpc.ts';

/** Interval in which a page without a user asks a server that is away. */
const RETRY_MS = 3_000;

/** Returns the signed-in user. Refetched on focus, since they may have signed in or out in another window. */
export const useMe = () =>
  trpc.auth.me.useQuery(undefined, {
    ...{ staleTime: 60_000, retryOnMount: false, refetchOnWindowFocus: 'always' },
    refetchInterval: ({ state }) =>
      state.status === 'error' && isTransient(getReason(state.error)) && !state.data && RETRY_MS,
  });

/** The user's permissions. A context, since a list of many agents reads them a thousand times. */
export const Permissions = createContext<readonly Permission[]>([]);

/** Returns whether the user has a permission in the current organization. Actions without permission are hidden. */
export const usePermission = (permission: Permission) => useContext(Permissions).includes(permission);
