import { limits } from '@it0/contracts/limits';
import { storableString } from '@it0/contracts/text';
import { z } from 'zod';
import type { OpenContext, PersonContext } from '../context.ts';
import { AppError } from '../errors.ts';
import { authCall, callerHeaders } from './auth-call.ts';
import { Email } from './email.ts';
import { HoldBy, handOver, type SignedIn } from './login.ts';
import { asOurs } from './signed-cookies.ts';

export const SignIn = z.object({ email: Email, password: storableString(limits.password.max).min(1), by: HoldBy });

/** Either signed in, or asked for the second factor: `verifyCode` takes the challenge with the code. */
export type SignInAnswer = ({ challenge: null } & SignedIn) | { challenge: string };

export async function signIn(ctx: OpenContext, { email, password, by }: z.infer<typeof SignIn>): Promise<SignInAnswer> {
  await ctx.rateLimits.signIn(ctx.caller, email);
  const { response, headers } = await authCall(
    ctx.auth.api.signInEmail({ body: { email, password }, headers: callerHeaders(ctx), returnHeaders: true }),
  );
  await ctx.rateLimits.signedIn(ctx.caller, email);
  if ('twoFactorRedirect' in response) return { challenge: challengeOf(headers) };
  return { challenge: null, ...(await handOver(ctx, response.token, by)) };
}

export const VerifyCode = z.object({
  /** It goes into a header: what cannot stand there was not given out here. */
  challenge: z
    .string()
    .max(1_000)
    .regex(/^[\x21-\x7e]+$/, 'This is no challenge.'),
  code: storableString(40).trim().min(6),
  /** From the authenticator, or one of the codes kept for when it is lost. */
  kind: z.enum(['app', 'backup']).default('app'),
  by: HoldBy,
});

/** The second step of signing in. */
export async function verifyCode(ctx: OpenContext, input: z.infer<typeof VerifyCode>): Promise<SignedIn> {
  const { challenge, code, kind, by } = input;
  await ctx.rateLimits.signIn(ctx.caller, challenge.slice(0, 200));
  const headers = callerHeaders(ctx);
  headers.set('cookie', asOurs(ctx.keys, challenge));
  const { verifyTOTP, verifyBackupCode } = ctx.auth.api;
  const { token } = await authCall(
    kind === 'app' ? verifyTOTP({ body: { code }, headers }) : verifyBackupCode({ body: { code }, headers }),
  );
  if (!token) throw new AppError('WRONG_CODE', 'The code is wrong.');
  return handOver(ctx, token, by);
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
  caller.keepLogin(null);
}
