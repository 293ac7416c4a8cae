import { limits } from '@it0/contracts/limits';
import { storableString } from '@it0/contracts/text';
import { z } from 'zod';
import type { PersonContext, PublicContext } from '../context.ts';
import { AppError } from '../errors.ts';
import { findHolders } from './account/addresses.ts';
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

/** Either signed in, or asked for the second factor: `verifyCode` takes the challenge with the code. */
export type SignInResult = ({ challenge: null } & SignedIn) | { challenge: string };

export async function signIn(
  ctx: PublicContext,
  { email, password, by }: z.infer<typeof SignIn>,
): Promise<SignInResult> {
  await ctx.rateLimits.signIn(ctx.caller, email);
  requireCookieSupport(ctx, by);
  const { response, headers } = await checkPassword(ctx, email, password);
  await ctx.rateLimits.recordSignIn(ctx.caller, email);
  if ('twoFactorRedirect' in response) return { challenge: challengeOf(headers) };
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
    checking = checking.catch((error: unknown) => (isWrong(error) ? check(login) : Promise.reject(error)));
  }
  return checking;
}

const isWrong = (error: unknown) => error instanceof AppError && error.reason === 'WRONG_CREDENTIALS';

export const VerifyCode = z.object({
  /** Put into a header, so other characters are refused. Valid challenges do not contain any. */
  challenge: z
    .string()
    .max(1_000)
    .regex(/^[\x21-\x7e]+$/, 'This is no challenge.'),
  /** The code; spaces and dashes are ignored. */
  code: storableString(100).min(1),
  /** From the authenticator, or one of the codes kept for when it is lost. */
  kind: z.enum(['app', 'backup']).default('app'),
  by: TokenTransport,
});

/** The second step of signing in. */
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
  const none = '';
  if (kind === 'backup') return BackupCode.safeParse(code).data ?? none;
  const read = AppCode.safeParse(code).data;
  const userId = read && (await findChallenged(ctx, challenge));
  return read && userId && (await claimCode(ctx, userId, read)) ? read : none;
}

/** Finds the person of a challenge; null for a forged or expired one. */
async function findChallenged({ keys, auth }: PublicContext, challenge: string): Promise<string | null> {
  const identifier = readSignedCookie(keys, challenge);
  const { internalAdapter } = await auth.$context;
  const found = identifier && (await internalAdapter.findVerificationValue(identifier));
  return found ? found.value : null;
}

/** What better-auth gives a browser to keep between the two steps; here the client holds it. */
function challengeOf(headers: Headers): string {
  const cookie = headers.getSetCookie().find((line) => line.includes('two_factor'));
  if (!cookie) throw new Error('A second factor was asked for without a challenge.');
  return cookie.split(';', 1)[0]!;
}

export async function signOut({ auth, person, caller }: PersonContext) {
  const { internalAdapter } = await auth.$context;
  await internalAdapter.deleteSession(person.login.token);
  caller.setLoginCookie(null);
}
