import type { RequestReason } from '@it0/contracts/reasons';
import { APIError } from 'better-auth/api';
import type { Caller } from '../caller.ts';
import type { Core } from '../core.ts';
import { AppError } from '../errors.ts';
import { signLoginToken } from './login-token.ts';

/** Creates the error for an invitation that is unknown, for another address, used, canceled or expired. */
export const invitationInvalid = () =>
  new AppError(
    'INVITATION_INVALID',
    'This invitation has expired, was revoked, was already used, or is for another address.',
  );

/** Creates the error for a one-time link that was used or has expired. */
export const linkInvalid = () =>
  new AppError('SIGN_IN_LINK_INVALID', 'This link has expired or was already used. Ask for a new one.');

type Refusal = [reason: RequestReason, message: string];

const WRONG_CODE: Refusal = ['WRONG_CODE', 'The code is wrong, expired, or already used. Wait for the next one.'];
/** Creates the error for a wrong, expired or used code of a second factor. */
export const wrongCode = () => new AppError(...WRONG_CODE);

/** Our reasons and messages for the error codes of better-auth. */
const refusals: Record<string, Refusal> = {
  INVALID_EMAIL_OR_PASSWORD: ['WRONG_CREDENTIALS', 'The email address or the password is wrong.'],
  INVALID_PASSWORD: ['WRONG_PASSWORD', 'The password is wrong.'],
  CREDENTIAL_ACCOUNT_NOT_FOUND: ['WRONG_PASSWORD', 'This account has no password yet.'],
  PASSWORD_ALREADY_SET: ['WRONG_PASSWORD', 'This account already has a password. Change it instead.'],
  PASSWORD_TOO_SHORT: ['PASSWORD_UNSAFE', 'The password is too short.'],
  PASSWORD_TOO_LONG: ['PASSWORD_UNSAFE', 'The password is too long.'],
  INVALID_CODE: WRONG_CODE,
  INVALID_BACKUP_CODE: ['WRONG_CODE', 'The code is wrong or already used.'],
  INVALID_TWO_FACTOR_COOKIE: ['WRONG_CREDENTIALS', 'The sign-in timed out. Enter your password again.'],
  TWO_FACTOR_NOT_ENABLED: ['INVALID_INPUT', 'This account has no second factor.'],
  TOO_MANY_ATTEMPTS_REQUEST_NEW_CODE: ['TOO_MANY_REQUESTS', 'Too many attempts. Enter your password again.'],
  ACCOUNT_TEMPORARILY_LOCKED: ['TOO_MANY_REQUESTS', 'Too many wrong codes. Try again later.'],
  INVALID_EMAIL: ['INVALID_INPUT', 'This is not a valid email address.'],
  USER_IS_ALREADY_A_MEMBER_OF_THIS_ORGANIZATION: ['ALREADY_MEMBER', 'This person is already a member.'],
};

/** Fallbacks for other errors of better-auth, by HTTP status. */
const refusalsByStatus: Record<number, Refusal> = {
  400: ['INVALID_INPUT', 'The request is malformed.'],
  401: ['NOT_SIGNED_IN', 'Sign in first.'],
  403: ['FORBIDDEN', 'This is not allowed.'],
  404: ['NOT_FOUND', 'Not found.'],
  409: ['WRONG_CREDENTIALS', 'Another request changed this at the same time. Enter your password again.'],
  415: ['INVALID_INPUT', 'Send JSON.'],
  422: ['INVALID_INPUT', 'The request is malformed.'],
  429: ['TOO_MANY_REQUESTS', 'Too many requests. Try again in a moment.'],
};

/** Converts an error of better-auth. */
function toAppError(error: APIError): AppError {
  const refusal = refusals[error.body?.code ?? ''] ?? refusalsByStatus[error.statusCode];
  const [reason, message] = refusal ?? ['INTERNAL', 'Something went wrong.'];
  return new AppError(reason, message, { cause: error });
}

/** Awaits a call of better-auth and converts its errors. */
export async function callBetterAuth<T>(call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof APIError) throw toAppError(error);
    throw error;
  }
}

/** Builds the headers that tell better-auth the origin of a request. */
export function buildCallerHeaders({ caller }: { caller: Caller }): Headers {
  const headers = new Headers({ 'x-client-ip': caller.ip });
  if (caller.userAgent) headers.set('user-agent', caller.userAgent);
  return headers;
}

/** Builds the headers that authenticate a person to better-auth. */
export function buildSessionHeaders({
  keys,
  caller,
  person,
}: Core & { caller: Caller; person: { login: { token: string } } }): Headers {
  const headers = buildCallerHeaders({ caller });
  headers.set('authorization', `Bearer ${signLoginToken(keys, person.login.token)}`);
  return headers;
}
