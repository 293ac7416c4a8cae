import type { AppRouter } from '@it0/api/router';
import type { inferRouterOutputs } from '@trpc/server';
import { trpc } from '../trpc.ts';

type Output = inferRouterOutputs<AppRouter>;

export type Account = Output['account']['mine'];
export type Device = Output['device']['list'][number];
export type NewSecondFactor = Output['secondFactor']['begin'];

/** Asks for everything again that shows the account. */
export function useAccountChanged() {
  const { account, auth, device } = trpc.useUtils();
  return () => Promise.all([account.mine.invalidate(), auth.me.invalidate(), device.list.invalidate()]);
}
