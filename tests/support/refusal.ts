import type { AppRouter } from '@it0/api/router';
import { TRPCClientError } from '@trpc/client';

type Refusal = NonNullable<TRPCClientError<AppRouter>['shape']>;

/** Returns the error of a call that must be refused. */
export async function getRefusal(call: Promise<unknown>): Promise<Refusal> {
  const error: unknown = await call.then(
    (output) => new Error(`not refused: ${JSON.stringify(output)}`),
    (cause) => cause,
  );
  if (!(error instanceof TRPCClientError) || !error.shape) throw error;
  return error.shape as Refusal;
}

/** Returns the reason of a call that must be refused. */
export const getReason = async (call: Promise<unknown>) => (await getRefusal(call)).data.reason;

/** Returns `done` when a call succeeds, and the reason when it is refused. */
export const getOutcome = (call: Promise<unknown>, done: string) =>
  call.then(
    () => done,
    () => getReason(call),
  );
