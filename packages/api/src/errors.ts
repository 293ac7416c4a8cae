import type { ErrorResponse } from '@it0/contracts/error-response';
import type { RequestReason } from '@it0/contracts/reasons';
import { TRPCError } from '@trpc/server';
import { ZodError, z } from 'zod';

type Code = TRPCError['code'];

/** HTTP status of each reason, as a code of tRPC. */
const codes = {
  INVALID_INPUT: 'BAD_REQUEST',
  BODY_TOO_LARGE: 'PAYLOAD_TOO_LARGE',
  NOT_SIGNED_IN: 'UNAUTHORIZED',
  SIGN_IN_LINK_INVALID: 'UNAUTHORIZED',
  CALLBACK_TOKEN_INVALID: 'UNAUTHORIZED',
  WRONG_CREDENTIALS: 'UNAUTHORIZED',
  WRONG_PASSWORD: 'BAD_REQUEST',
  WRONG_CODE: 'BAD_REQUEST',
  PASSWORD_UNSAFE: 'BAD_REQUEST',
  EMAIL_TAKEN: 'CONFLICT',
  NOT_INVITED: 'FORBIDDEN',
  EMAIL_UNVERIFIED: 'FORBIDDEN',
  SECOND_FACTOR_REQUIRED: 'FORBIDDEN',
  PROVIDER_FAILED: 'UNAUTHORIZED',
  PROVIDER_UNREACHABLE: 'BAD_GATEWAY',
  TOO_MANY_REQUESTS: 'TOO_MANY_REQUESTS',
  SIGN_IN_PAUSED: 'TOO_MANY_REQUESTS',
  MODEL_ADDRESS_REFUSED: 'BAD_REQUEST',
  STORAGE_FULL: 'PAYLOAD_TOO_LARGE',
  TRANSCRIPTION_OFF: 'CONFLICT',
  TRANSCRIPTION_UNAVAILABLE: 'BAD_GATEWAY',
  FORBIDDEN: 'FORBIDDEN',
  NO_TENANT: 'FORBIDDEN',
  LAST_OWNER: 'CONFLICT',
  ALREADY_MEMBER: 'CONFLICT',
  MEMBER_NOT_FOUND: 'NOT_FOUND',
  INVITATION_INVALID: 'NOT_FOUND',
  API_KEY_NOT_FOUND: 'NOT_FOUND',
  DEVICE_NOT_FOUND: 'NOT_FOUND',
  TENANT_NOT_FOUND: 'NOT_FOUND',
  SHARE_NOT_FOUND: 'NOT_FOUND',
  ORIGIN_REFUSED: 'FORBIDDEN',
  ADDRESS_INSECURE: 'PRECONDITION_FAILED',
  NOT_FOUND: 'NOT_FOUND',
  INSTANCE_NOT_FOUND: 'NOT_FOUND',
  SESSION_NOT_FOUND: 'NOT_FOUND',
  TASK_NOT_FOUND: 'NOT_FOUND',
  PROMPT_NOT_FOUND: 'NOT_FOUND',
  TOO_MANY_PROMPTS: 'CONFLICT',
  APPROVAL_NOT_FOUND: 'NOT_FOUND',
  ATTACHMENT_NOT_FOUND: 'NOT_FOUND',
  ATTACHMENT_TOO_LARGE: 'PAYLOAD_TOO_LARGE',
  ATTACHMENT_TYPE_REFUSED: 'UNSUPPORTED_MEDIA_TYPE',
  INSTANCE_NOT_RUNNING: 'CONFLICT',
  ASSISTANT_NOT_RUNNING: 'CONFLICT',
  NOT_ENOUGH_MEMORY: 'CONFLICT',
  NOT_ISOLATED: 'CONFLICT',
  MODEL_KEY_MISSING: 'BAD_REQUEST',
  BRIDGE_UNREACHABLE: 'SERVICE_UNAVAILABLE',
  BRIDGE_CODE_INVALID: 'UNAUTHORIZED',
  BRIDGE_UNKNOWN: 'UNAUTHORIZED',
  BRIDGE_OUTDATED: 'PRECONDITION_FAILED',
  BRIDGE_ADDRESS_REFUSED: 'FORBIDDEN',
  TASK_ENDED: 'CONFLICT',
  TASK_STARTED: 'CONFLICT',
  APPROVAL_DECIDED: 'CONFLICT',
  APPROVAL_CHANGED: 'CONFLICT',
  RULES_CHANGED: 'CONFLICT',
  APPROVAL_EXPIRED: 'CONFLICT',
  EVENT_GAP: 'CONFLICT',
  SHUTTING_DOWN: 'SERVICE_UNAVAILABLE',
  TENANT_UNAVAILABLE: 'SERVICE_UNAVAILABLE',
  INTERNAL: 'INTERNAL_SERVER_ERROR',
} satisfies Record<RequestReason, Code>;

type AppErrorOptions = {
  cause?: unknown;
  /** Seconds after which the same request may succeed, if known. */
  retryAfter?: number;
  /** Numbers in the message, by name, for translations. */
  params?: Record<string, number>;
};

/** An expected error: a reason that clients switch on, and a message that tells a person what to do. */
export class AppError extends TRPCError {
  readonly reason: RequestReason;
  readonly retryAfter: number | undefined;
  readonly params: Record<string, number> | undefined;
  constructor(reason: RequestReason, message: string, { cause, retryAfter, params }: AppErrorOptions = {}) {
    super({ code: codes[reason], message, cause });
    this.name = 'AppError';
    this.reason = reason;
    this.retryAfter = retryAfter;
    this.params = params;
  }
}

/** Creates the error for a rate limit. `retryAfter` is in seconds. */
export const tooManyRequests = (retryAfter: number) =>
  new AppError('TOO_MANY_REQUESTS', `Too many requests. Try again in ${retryAfter} s.`, { retryAfter });

/** Creates the error for a missing permission. */
export const forbidden = () => new AppError('FORBIDDEN', 'Your role does not allow this.');

/** Creates the error for a tenant whose schema is missing or could not be migrated. */
export const tenantUnavailable = (cause?: unknown) =>
  new AppError('TENANT_UNAVAILABLE', 'This organization is temporarily unavailable. Try again later.', {
    cause,
    retryAfter: 60,
  });

/** Creates the error for an unknown tenant, or one that the caller is not a member of. */
export const tenantNotFound = (cause?: unknown) =>
  new AppError('TENANT_NOT_FOUND', 'Organization not found.', { cause });

/** Reasons of errors that tRPC itself throws. */
const reasons: Partial<Record<Code, RequestReason>> = {
  BAD_REQUEST: 'INVALID_INPUT',
  PARSE_ERROR: 'INVALID_INPUT',
  UNAUTHORIZED: 'NOT_SIGNED_IN',
  FORBIDDEN: 'FORBIDDEN',
  TOO_MANY_REQUESTS: 'TOO_MANY_REQUESTS',
  NOT_FOUND: 'NOT_FOUND',
  METHOD_NOT_SUPPORTED: 'NOT_FOUND',
  PAYLOAD_TOO_LARGE: 'BODY_TOO_LARGE',
  UNSUPPORTED_MEDIA_TYPE: 'INVALID_INPUT',
};

/** Converts an error to the body that clients receive. Messages of unexpected errors are masked. */
export function toErrorResponse(error: TRPCError): ErrorResponse {
  const { reason, retryAfter, params }: Pick<AppError, 'reason'> & AppErrorOptions =
    error instanceof AppError ? error : { reason: reasons[error.code] ?? 'INTERNAL' };
  // The message of the cause may contain secrets, such as an SQL statement.
  if (reason === 'INTERNAL') return { reason, message: 'Something went wrong on the server.' };
  if (!(error.cause instanceof ZodError)) return { reason, message: error.message, retryAfter, params };
  return { reason, message: formatIssues(error.cause), issues: z.flattenError(error.cause) };
}

const formatIssues = ({ issues }: ZodError) =>
  issues.map(({ path, message }) => [...path.map(String), message].join(': ')).join('; ');
