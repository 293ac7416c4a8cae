import type { AppRouter } from '@it0/api/router';
import type { inferRouterOutputs } from '@trpc/server';
import { trpc } from '../trpc.ts';

type Output = inferRouterOutputs<AppRouter>;

/** The signed-in user's account. */
export type Account = Output['account']['mine'];
/** A login session of the user. */
export type Device = Output['device']['list'][number];
/** Secret and backup codes of a second factor that is being set up. */
export type NewSecondFactor = Output['secondFactor']['begin'];

/** Returns a function that refetches all queries with account data. */
export function useRefreshAccount() {
  const { account, auth, device } = trpc.useUtils();
  return () => Promise.all([account.mine.invalidate(), auth.me.invalidate(), device.list.invalidate()]);
}
