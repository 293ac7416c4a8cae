import type { Reason } from '@it0/contracts/reasons';
import { TRPCError } from '@trpc/server';

type Code = TRPCError['code'];

const codes: Partial<Record<Reason, Code>> = {
  INVALID_INPUT: 'BAD_REQUEST',
  BODY_TOO_LARGE: 'PAYLOAD_TOO_LARGE',
  NOT_SIGNED_IN: 'UNAUTHORIZED',
  SIGN_IN_LINK_INVALID: 'UNAUTHORIZED',
  CALLBACK_TOKEN_INVALID: 'UNAUTHORIZED',
  ORIGIN_REFUSED: 'FORBIDDEN',
  NOT_FOUND: 'NOT_FOUND',
  INSTANCE_NOT_FOUND: 'NOT_FOUND',
  SESSION_NOT_FOUND: 'NOT_FOUND',
  TASK_NOT_FOUND: 'NOT_FOUND',
  APPROVAL_NOT_FOUND: 'NOT_FOUND',
  INSTANCE_NOT_RUNNING: 'CONFLICT',
  TASK_ENDED: 'CONFLICT',
  APPROVAL_DECIDED: 'CONFLICT',
  APPROVAL_EXPIRED: 'CONFLICT',
  EVENT_GAP: 'CONFLICT',
  SHUTTING_DOWN: 'SERVICE_UNAVAILABLE',
};

/** The one error we throw on purpose: a reason that clients switch on, and a message a person can act on. */
export class AppError extends TRPCError {
  readonly reason: Reason;
  constructor(reason: Reason, message: string, cause?: unknown) {
    super({ code: codes[reason] ?? 'INTERNAL_SERVER_ERROR', message, cause });
    this.name = 'AppError';
    this.reason = reason;
  }
}

const reasons: Partial<Record<Code, Reason>> = {
  BAD_REQUEST: 'INVALID_INPUT',
  PARSE_ERROR: 'INVALID_INPUT',
  UNAUTHORIZED: 'NOT_SIGNED_IN',
  NOT_FOUND: 'NOT_FOUND',
  METHOD_NOT_SUPPORTED: 'NOT_FOUND',
  PAYLOAD_TOO_LARGE: 'BODY_TOO_LARGE',
  UNSUPPORTED_MEDIA_TYPE: 'INVALID_INPUT',
};

/** Every failure has a reason, also those that tRPC itself finds. */
export const reasonOf = (error: TRPCError): Reason =>
  error instanceof AppError ? error.reason : (reasons[error.code] ?? 'INTERNAL');
