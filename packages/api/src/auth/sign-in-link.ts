import type { Database } from '@it0/db/database';
import { createToken, hashToken } from '@it0/node/token';
import { z } from 'zod';
import type { PublicContext } from './auth-services.ts';
import { linkInvalid } from './call-better-auth.ts';
import { getSignInEmail } from './email.ts';
import { issueLogin, requireCookieSupport, type SignedIn, startLogin, TokenTransport } from './login.ts';

const LINK_MINUTES = 24 * 60;

export const LinkToken = z.object({ token: z.string().min(1).max(200) });
export const RedeemLink = LinkToken.extend({ by: TokenTransport });

/** Creates a link that signs `userId` in once, within a day, and returns its token. Deletes earlier unused links. */
export async function createSignInLink({ platform }: Database, userId: string): Promise<string> {
  const token = createToken();
  const expiresAt = new Date(Date.now() + LINK_MINUTES * 60_000);
  await platform.$transaction([
    platform.signInLink.deleteMany({ where: { userId } }),
    platform.signInLink.create({ data: { tokenHash: hashToken(token), userId, expiresAt } }),
  ]);
  return token;
}

/** The person of a sign-in link. */
export type SignInLinkInfo = { userId: string; name: string; email: string | null };

/** Returns the person of a link without using the link up. */
export async function showSignInLink(ctx: PublicContext, token: string): Promise<SignInLinkInfo> {
  await ctx.rateLimits.signUp(ctx.caller);
  const { userId, user } = await requireLink(ctx, token);
  return { userId, name: user.name, email: getSignInEmail(user) };
}

/** Creates a login from the token of a link. Of concurrent calls, one succeeds. */
export async function redeemSignInLink(
  ctx: PublicContext,
  { token, by }: z.infer<typeof RedeemLink>,
): Promise<SignedIn> {
  await ctx.rateLimits.signUp(ctx.caller);
  requireCookieSupport(ctx, by);
  const { userId, tokenHash } = await requireLink(ctx, token);
  const { count } = await ctx.db.platform.signInLink.deleteMany({ where: { tokenHash } });
  if (count !== 1) throw linkInvalid();
  return issueLogin(ctx, await startLogin(ctx, userId), by);
}

async function requireLink({ db }: PublicContext, token: string) {
  const link = await db.platform.signInLink.findUnique({
    where: { tokenHash: hashToken(token), expiresAt: { gt: new Date() }, user: { banned: { not: true } } },
    include: { user: { select: { name: true, email: true, claimedEmail: true } } },
  });
  if (!link) throw linkInvalid();
  return link;
}
