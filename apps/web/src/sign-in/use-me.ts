import type { Permission } from '@it0/contracts/permissions';
import { trpc } from '../trpc.ts';

/** Returns the signed-in user. Refetched on focus, since they may have signed in or out in another window. */
export const useMe = () =>
  trpc.auth.me.useQuery(undefined, { staleTime: 60_000, retryOnMount: false, refetchOnWindowFocus: 'always' });

/** Returns whether the user has a permission in the current organization. Actions without permission are hidden. */
export const usePermission = (permission: Permission) => useMe().data?.permissions.includes(permission) ?? false;
