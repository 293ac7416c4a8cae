import { z } from 'zod';
import { AppError } from '../errors.ts';
import { SESSION_DAYS } from './auth.ts';
import type { PublicContext } from './auth-services.ts';
import { readLoginToken, signLoginToken } from './login-token.ts';

/** Transport of a login: browsers use a cookie that scripts cannot read, other clients a bearer token. */
export const TokenTransport = z.enum(['cookie', 'bearer']).default('cookie');
export type TokenTransport = z.infer<typeof TokenTransport>;

/** Result of a sign-in. `token` is null with the `cookie` transport. */
export type SignedIn = { token: string | null; expiresAt: string };

/** Throws ADDRESS_INSECURE when the browser would drop the login cookie, before a link or code is used up. */
export function requireCookieSupport({ caller }: PublicContext, by: TokenTransport) {
  if (by === 'cookie' && !caller.canStoreLogin) {
    throw new AppError(
      'ADDRESS_INSECURE',
      'Sign-in requires https. Open the address of this server that begins with https.',
    );
  }
}

/** Issues a login session to its client, as a cookie or a bearer token. */
export async function issueLogin(ctx: PublicContext, sessionToken: string, by: TokenTransport): Promise<SignedIn> {
  const { expiresAt } = await ctx.db.platform.loginSession.findUniqueOrThrow({
    where: { token: sessionToken },
    select: { expiresAt: true },
  });
  const token = signLoginToken(ctx.keys, sessionToken);
  if (by === 'cookie') ctx.caller.setLoginCookie({ token, expiresAt });
  return { token: by === 'bearer' ? token : null, expiresAt: expiresAt.toISOString() };
}

/** Issues the session with which better-auth has replaced the previous one. */
export function adoptRotatedLogin(ctx: PublicContext, headers: Headers): Promise<SignedIn> {
  const token = readLoginToken(ctx.keys, headers.get('set-auth-token') ?? '');
  if (!token) throw new Error('better-auth has replaced a session without a token.');
  return issueLogin(ctx, token, ctx.caller.authVia);
}

const DAY_MS = 24 * 60 * 60_000;

/** Extends a login that is in use, at most once a day. */
export async function renewLogin(ctx: PublicContext, login: { id: string; token: string }) {
  const { updatedAt } = await ctx.db.platform.loginSession.findUniqueOrThrow({
    where: { id: login.id },
    select: { updatedAt: true },
  });
  if (Date.now() - updatedAt.getTime() < DAY_MS) return;
  const { internalAdapter } = await ctx.auth.$context;
  const expiresAt = new Date(Date.now() + SESSION_DAYS * DAY_MS);
  await internalAdapter.updateSession(login.token, { expiresAt, updatedAt: new Date() });
  await issueLogin(ctx, login.token, ctx.caller.authVia);
}

/** Creates a login session for a person who was authenticated by other means than a password. Returns its token. */
export async function startLogin({ auth, caller }: PublicContext, userId: string): Promise<string> {
  const { internalAdapter } = await auth.$context;
  const from = { ipAddress: caller.ip, userAgent: caller.userAgent ?? undefined };
  return (await internalAdapter.createSession(userId, false, from)).token;
}
