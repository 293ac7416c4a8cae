import { createHash, randomBytes } from 'node:crypto';
import type { Database } from '@it0/db/database';
import type { OpenContext } from '../context.ts';
import { AppError } from '../errors.ts';
import { beginLogin, handOver } from './login.ts';

const LINK_MINUTES = 24 * 60;

export const newToken = () => randomBytes(32).toString('base64url');
const hash = (token: string) => new Uint8Array(createHash('sha256').update(token).digest());

/** A token that signs `userId` in once, within a day. Earlier unused links of the same person end. */
export async function createSignInLink({ platform }: Database, userId: string): Promise<string> {
  const token = newToken();
  const expiresAt = new Date(Date.now() + LINK_MINUTES * 60_000);
  await platform.$transaction([
    platform.signInLink.deleteMany({ where: { userId } }),
    platform.signInLink.create({ data: { tokenHash: hash(token), userId, expiresAt } }),
  ]);
  return token;
}

/** Turns a link's token into a login, which the browser keeps. Of two who try the same link at once, one gets in. */
export async function redeemSignInLink(ctx: OpenContext, linkToken: string) {
  await ctx.rateLimits.signUp(ctx.caller);
  const { signInLink } = ctx.db.platform;
  const tokenHash = hash(linkToken);
  const link = await signInLink.findUnique({ where: { tokenHash, expiresAt: { gt: new Date() } } });
  const { count } = await signInLink.deleteMany({ where: { tokenHash } });
  if (!link || count !== 1) throw new AppError('SIGN_IN_LINK_INVALID', 'This link was used before, or it has expired.');
  return handOver(ctx, await beginLogin(ctx, link.userId), 'cookie');
}
