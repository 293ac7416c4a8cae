import type { Permission } from '@it0/contracts/permissions';
import { trpc } from '../trpc.ts';

/** Who is signed in, asked for again when the window comes back: the link may have been opened in another one. */
export const useMe = () =>
  trpc.auth.me.useQuery(undefined, { staleTime: 60_000, retryOnMount: false, refetchOnWindowFocus: 'always' });

/** Whether the person may do something in the tenant they work in: what they may not is not offered. */
export const usePermission = (permission: Permission) => useMe().data?.permissions.includes(permission) ?? false;
