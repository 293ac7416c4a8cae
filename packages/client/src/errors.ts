import { Reason } from '@it0/contracts/reasons';
import { TRPCClientError } from '@trpc/client';

/** What this side refuses by itself, with the reason that the server would give. */
export class LocalError extends Error {
  readonly reason: Reason;
  constructor(reason: Reason) {
    super(reason);
    this.name = 'Refused';
    this.reason = reason;
  }
}

/** Why the server refused, or null when it could not be asked. Never read from an error's message. */
export function getReason(error: unknown): Reason | null {
  if (error instanceof LocalError) return error.reason;
  if (!(error instanceof TRPCClientError) || !error.data) return null;
  return Reason.catch('INTERNAL').parse((error.data as { reason?: unknown }).reason);
}

/** The same request may succeed soon: nobody answered, or a server that is in trouble or on its way down. */
export const isTransient = (reason: Reason | null) =>
  reason === null || reason === 'SHUTTING_DOWN' || reason === 'INTERNAL';
