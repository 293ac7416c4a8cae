import { z } from 'zod';
import type { PublicContext } from '../context.ts';
import { AppError } from '../errors.ts';
import { SESSION_DAYS } from './auth.ts';
import { readLoginToken, signLoginToken } from './login-token.ts';

/** How a client holds its login: a browser in a cookie that no script can read, everything else as a bearer token. */
export const TokenTransport = z.enum(['cookie', 'bearer']).default('cookie');
export type TokenTransport = z.infer<typeof TokenTransport>;

/** What a client gets that has signed in: the bearer token, if it asked for one. */
export type SignedIn = { token: string | null; expiresAt: string };

/** Throws ADDRESS_INSECURE when the browser would drop the login cookie, before a link or code is used up. */
export function requireCookieSupport({ caller }: PublicContext, by: TokenTransport) {
  if (by === 'cookie' && !caller.canStoreLogin) {
    throw new AppError(
      'ADDRESS_INSECURE',
      'A browser keeps no login at this address. Open the one that begins with https.',
    );
  }
}

/** Hands a new login session to its client. */
export async function issueLogin(ctx: PublicContext, sessionToken: string, by: TokenTransport): Promise<SignedIn> {
  const { expiresAt } = await ctx.db.platform.loginSession.findUniqueOrThrow({
    where: { token: sessionToken },
    select: { expiresAt: true },
  });
  const token = signLoginToken(ctx.keys, sessionToken);
  if (by === 'cookie') ctx.caller.setLoginCookie({ token, expiresAt });
  return { token: by === 'bearer' ? token : null, expiresAt: expiresAt.toISOString() };
}

/** What better-auth has put in the place of the device's session. */
export function adoptRotatedLogin(ctx: PublicContext, headers: Headers): Promise<SignedIn> {
  const token = readLoginToken(ctx.keys, headers.get('set-auth-token') ?? '');
  if (!token) throw new Error('A session was made anew without a token.');
  return issueLogin(ctx, token, ctx.caller.authVia);
}

const DAY = 24 * 60 * 60_000;

/** A login lasts as long as it is used: its time begins anew, once a day at the most. */
export async function renewLogin(ctx: PublicContext, login: { id: string; token: string }) {
  const { updatedAt } = await ctx.db.platform.loginSession.findUniqueOrThrow({
    where: { id: login.id },
    select: { updatedAt: true },
  });
  if (Date.now() - updatedAt.getTime() < DAY) return;
  const { internalAdapter } = await ctx.auth.$context;
  const expiresAt = new Date(Date.now() + SESSION_DAYS * DAY);
  await internalAdapter.updateSession(login.token, { expiresAt, updatedAt: new Date() });
  await issueLogin(ctx, login.token, ctx.caller.authVia);
}

/** A login session for somebody who has shown otherwise that they are who they are; answers its token. */
export async function startLogin({ auth, caller }: PublicContext, userId: string): Promise<string> {
  const { internalAdapter } = await auth.$context;
  const from = { ipAddress: caller.ip, userAgent: caller.userAgent ?? undefined };
  return (await internalAdapter.createSession(userId, false, from)).token;
}
