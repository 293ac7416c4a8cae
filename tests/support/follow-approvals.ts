import type { AppRouter } from '@it0/api/router';
import type { TRPCClient } from '@trpc/client';
import type { inferRouterOutputs } from '@trpc/server';
import { until } from './until.ts';

type Pending = inferRouterOutputs<AppRouter>['approval']['pending'];
type Change = { pending: Pending['approvals']; notListed: number; settled: object[] };

/** Subscribes to the pending approvals and records every change. */
export function followApprovals(client: TRPCClient<AppRouter>) {
  const all: Change[] = [];
  const errors: unknown[] = [];
  const subscription = client.approval.onChange.subscribe(undefined, {
    onData: (change) => all.push(change),
    onError: (error) => errors.push(error),
  });
  const commands = () => all.at(-1)?.pending.map(({ command }) => command);
  return {
    all,
    errors,
    commands,
    /** Waits until exactly these commands are pending. */
    waiting: (...expected: string[]) => until(() => JSON.stringify(commands()) === JSON.stringify(expected)),
    settled: () => all.flatMap(({ settled }) => settled),
    [Symbol.dispose]: () => subscription.unsubscribe(),
  };
}
