import type { AppRouter } from '@it0/api/router';
import { TRPCClientError } from '@trpc/client';

type Refusal = NonNullable<TRPCClientError<AppRouter>['shape']>;

/** What the server answers instead of doing what it was asked. */
export async function getRefusal(call: Promise<unknown>): Promise<Refusal> {
  const error: unknown = await call.then(
    (answer) => new Error(`not refused: ${JSON.stringify(answer)}`),
    (cause) => cause,
  );
  if (!(error instanceof TRPCClientError) || !error.shape) throw error;
  return error.shape as Refusal;
}

/** Returns the reason of a refusal. */
export const getReason = async (call: Promise<unknown>) => (await getRefusal(call)).data.reason;

/** Returns `done` when a call succeeds, and the reason when it is refused. */
export const getOutcome = (call: Promise<unknown>, done: string) =>
  call.then(
    () => done,
    () => getReason(call),
  );
