import type { Reason } from '@it0/contracts/reasons';
import { APIError } from 'better-auth/api';
import type { OpenContext } from '../context.ts';
import { AppError } from '../errors.ts';
import { signLoginToken } from './login-token.ts';

/** Somebody else's, and one that is not there. */
export const invitationInvalid: [Reason, string] = [
  'INVITATION_INVALID',
  'This invitation is not for you, was used or taken back, or has expired.',
];

/** Creates the error for a one-time link that was used or has expired. */
export const linkInvalid = () =>
  new AppError('SIGN_IN_LINK_INVALID', 'This link was used before, or it has expired. Ask for another one.');

const wrong: [Reason, string] = [
  'WRONG_CODE',
  'The code is wrong, was used before, or its time is over. Wait for the next one.',
];
export const wrongCode = () => new AppError(...wrong);

/** What better-auth refuses, by its code, as a reason of ours and what a person can do. */
const refusals: Record<string, [Reason, string]> = {
  INVALID_EMAIL_OR_PASSWORD: ['WRONG_CREDENTIALS', 'The e-mail address or the password is wrong.'],
  INVALID_PASSWORD: ['WRONG_PASSWORD', 'The password is wrong.'],
  CREDENTIAL_ACCOUNT_NOT_FOUND: ['WRONG_PASSWORD', 'This account has no password yet.'],
  PASSWORD_ALREADY_SET: ['WRONG_PASSWORD', 'There is a password already; change it.'],
  PASSWORD_TOO_SHORT: ['PASSWORD_UNSAFE', 'The password is too short.'],
  PASSWORD_TOO_LONG: ['PASSWORD_UNSAFE', 'The password is too long.'],
  INVALID_CODE: wrong,
  INVALID_BACKUP_CODE: ['WRONG_CODE', 'The code is wrong, or it was used before.'],
  INVALID_TWO_FACTOR_COOKIE: ['WRONG_CREDENTIALS', 'That took too long. Enter your password again.'],
  TWO_FACTOR_NOT_ENABLED: ['INVALID_INPUT', 'There is no second factor to check.'],
  TOO_MANY_ATTEMPTS_REQUEST_NEW_CODE: ['TOO_MANY_REQUESTS', 'Too many attempts. Enter your password again.'],
  ACCOUNT_TEMPORARILY_LOCKED: ['TOO_MANY_REQUESTS', 'Too many wrong codes. Try again later.'],
  INVALID_EMAIL: ['INVALID_INPUT', 'This is no e-mail address.'],
  USER_IS_ALREADY_A_MEMBER_OF_THIS_ORGANIZATION: ['ALREADY_MEMBER', 'This person is a member already.'],
};

const byStatus: Record<number, [Reason, string]> = {
  400: ['INVALID_INPUT', 'The request cannot be read.'],
  401: ['NOT_SIGNED_IN', 'Sign in first.'],
  403: ['FORBIDDEN', 'This is not allowed.'],
  404: ['NOT_FOUND', 'There is nothing here.'],
  409: ['WRONG_CREDENTIALS', 'Somebody did the same at this moment. Enter your password again.'],
  415: ['INVALID_INPUT', 'Send JSON.'],
  422: ['INVALID_INPUT', 'The request cannot be read.'],
  429: ['TOO_MANY_REQUESTS', 'Too many requests. Try again in a moment.'],
};

/** A refusal of better-auth as one of ours. */
export function refusal(status: number, code: string | undefined, cause?: unknown): AppError {
  const [reason, message] = refusals[code ?? ''] ?? byStatus[status] ?? ['INTERNAL', 'Something went wrong.'];
  return new AppError(reason, message, cause);
}

/** Calls better-auth, with its refusals as ours. */
export async function callBetterAuth<T>(call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof APIError) throw refusal(error.statusCode, error.body?.code, error);
    throw error;
  }
}

/** The headers by which better-auth knows where a request comes from. */
export function callerHeaders({ caller }: Pick<OpenContext, 'caller'>): Headers {
  const headers = new Headers({ 'x-client-ip': caller.ip });
  if (caller.userAgent) headers.set('user-agent', caller.userAgent);
  return headers;
}

/** The headers by which better-auth knows who asks. */
export function headersOf({ keys, caller, person }: OpenContext & { person: { login: { token: string } } }): Headers {
  const headers = callerHeaders({ caller });
  headers.set('authorization', `Bearer ${signLoginToken(keys, person.login.token)}`);
  return headers;
}
