import { isReason } from '@it0/contracts/reason-names';
import type { Reason } from '@it0/contracts/reasons';
import { TRPCClientError } from '@trpc/client';

/** Error of a check in the client, with the reason that the server would return. */
export class LocalError extends Error {
  readonly reason: Reason;
  constructor(reason: Reason) {
    super(reason);
    this.name = 'LocalError';
    this.reason = reason;
  }
}

/**
 * Returns the reason of a failed request, or null for a network error and anything else. Unknown reasons of newer
 * servers become `INTERNAL`. Error messages are never parsed.
 */
export function getReason(error: unknown): Reason | null {
  if (error instanceof LocalError) return error.reason;
  if (!(error instanceof TRPCClientError) || !error.data) return null;
  const { reason } = error.data as { reason?: unknown };
  return isReason(reason) ? reason : 'INTERNAL';
}

/** Returns whether a retry may succeed: after a network error, a server error or during a shutdown. */
export const isTransient = (reason: Reason | null) =>
  reason === null || reason === 'SHUTTING_DOWN' || reason === 'INTERNAL';
