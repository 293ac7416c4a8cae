import { limits } from '@it0/contracts/limits';
import { storableString } from '@it0/contracts/text';
import { z } from 'zod';
import { AppError } from '../errors.ts';
import { findHolders } from './account/addresses.ts';
import type { PersonContext, PublicContext } from './auth-services.ts';
import { buildCallerHeaders, callBetterAuth, wrongCode } from './call-better-auth.ts';
import { Email } from './email.ts';
import { issueLogin, requireCookieSupport, type SignedIn, TokenTransport } from './login.ts';
import { AppCode, BackupCode } from './second-factor/code.ts';
import { claimCode } from './second-factor/time-step.ts';
import { readSignedCookie, resignCookies } from './signed-cookies.ts';

export const SignIn = z.object({
  email: Email,
  password: storableString(limits.password.max).min(1),
  by: TokenTransport,
});

/** Login, or a challenge for the second factor, which `verifyCode` takes with the code. */
export type SignInResult = ({ challenge: null } & SignedIn) | { challenge: string };

/** Signs in with a password. Throws WRONG_CREDENTIALS, TOO_MANY_REQUESTS or SIGN_IN_PAUSED. */
export async function signIn(
  ctx: PublicContext,
  { email, password, by }: z.infer<typeof SignIn>,
): Promise<SignInResult> {
  await ctx.rateLimits.signIn(ctx.caller, email);
  requireCookieSupport(ctx, by);
  const { response, headers } = await checkPassword(ctx, email, password);
  await ctx.rateLimits.recordSignIn(ctx.caller, email);
  if ('twoFactorRedirect' in response) return { challenge: readChallenge(headers) };
  return { challenge: null, ...(await issueLogin(ctx, response.token, by)) };
}

/** Signs in to the first account of an address that has this password. */
async function checkPassword(ctx: PublicContext, email: string, password: string) {
  const check = (login: string) =>
    callBetterAuth(
      ctx.auth.api.signInEmail({
        body: { email: login, password },
        headers: buildCallerHeaders(ctx),
        returnHeaders: true,
      }),
    );
  const [first, ...others] = await findHolders(ctx.db.pool, email);
  let checking = check(first?.login ?? email);
  for (const { login } of others) {
    checking = checking.catch((error: unknown) => (hasWrongCredentials(error) ? check(login) : Promise.reject(error)));
  }
  return checking;
}

const hasWrongCredentials = (error: unknown) => error instanceof AppError && error.reason === 'WRONG_CREDENTIALS';

export const VerifyCode = z.object({
  /** Put into a header, so other characters are refused. Valid challenges do not contain any. */
  challenge: z
    .string()
    .max(1_000)
    .regex(/^[\x21-\x7e]+$/, 'Invalid challenge.'),
  /** The code; spaces and dashes are ignored. */
  code: storableString(100).min(1),
  /** `app` for a code of the authenticator app, `backup` for a backup code. */
  kind: z.enum(['app', 'backup']).default('app'),
  by: TokenTransport,
});

/** Completes a sign-in with the second factor. Throws WRONG_CODE, or WRONG_CREDENTIALS for an expired challenge. */
export async function verifyCode(ctx: PublicContext, input: z.infer<typeof VerifyCode>): Promise<SignedIn> {
  const { challenge, kind, by } = input;
  await ctx.rateLimits.signIn(ctx.caller, challenge.slice(0, 200));
  requireCookieSupport(ctx, by);
  const headers = buildCallerHeaders(ctx);
  headers.set('cookie', resignCookies(ctx.keys, challenge));
  const { verifyTOTP, verifyBackupCode } = ctx.auth.api;
  const body = { code: await readCode(ctx, input) };
  const { token } = await callBetterAuth(
    kind === 'app' ? verifyTOTP({ body, headers }) : verifyBackupCode({ body, headers }),
  );
  if (!token) throw wrongCode();
  return issueLogin(ctx, token, by);
}

/** Returns the code for better-auth to check: empty for a malformed or used one, which then counts as an attempt. */
async function readCode(ctx: PublicContext, { challenge, code, kind }: z.infer<typeof VerifyCode>): Promise<string> {
  if (kind === 'backup') return BackupCode.safeParse(code).data ?? '';
  const appCode = AppCode.safeParse(code).data;
  const userId = appCode && (await findChallenged(ctx, challenge));
  return appCode && userId && (await claimCode(ctx, userId, appCode)) ? appCode : '';
}

/** Finds the person of a challenge; null for a forged or expired one. */
async function findChallenged({ keys, auth }: PublicContext, challenge: string): Promise<string | null> {
  const identifier = readSignedCookie(keys, challenge);
  const { internalAdapter } = await auth.$context;
  const challengeRow = identifier && (await internalAdapter.findVerificationValue(identifier));
  return challengeRow ? challengeRow.value : null;
}

/** Returns the cookie that better-auth sets between the two steps. Here the client stores it as the challenge. */
function readChallenge(headers: Headers): string {
  const cookie = headers.getSetCookie().find((line) => line.includes('two_factor'));
  if (!cookie) throw new Error('better-auth requires a second factor but has set no challenge.');
  return cookie.split(';', 1)[0]!;
}

/** Ends the login session and deletes its cookie. */
export async function signOut({ auth, person, caller }: PersonContext) {
  const { internalAdapter } = await auth.$context;
  await internalAdapter.deleteSession(person.login.token);
  caller.setLoginCookie(null);
}
