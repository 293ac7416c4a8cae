import { Reason } from '@it0/contracts/reasons';
import { TRPCClientError } from '@trpc/client';

/** Why the server refused, or null when it could not be asked. Never read from an error's message. */
export function reasonOf(error: unknown): Reason | null {
  if (!(error instanceof TRPCClientError) || !error.data) return null;
  return Reason.catch('INTERNAL').parse((error.data as { reason?: unknown }).reason);
}

/** The same request may succeed soon: nobody answered, or a server on its way down did. */
export const isPassing = (reason: Reason | null) => reason === null || reason === 'SHUTTING_DOWN';
