import { createHash, randomBytes } from 'node:crypto';
import type { Database } from '@it0/db/database';
import { v7 as newId } from 'uuid';
import { AppError } from '../errors.ts';

const LINK_MINUTES = 24 * 60;
const SESSION_DAYS = 30;

export const newToken = () => randomBytes(32).toString('base64url');
const hash = (token: string) => new Uint8Array(createHash('sha256').update(token).digest());
const after = (minutes: number) => new Date(Date.now() + minutes * 60_000);

/** A token that signs `userId` in once, within a day. Earlier unused links of the same person end. */
export async function createSignInLink({ platform }: Database, userId: string): Promise<string> {
  const token = newToken();
  await platform.$transaction([
    platform.signInLink.deleteMany({ where: { userId } }),
    platform.signInLink.create({ data: { tokenHash: hash(token), userId, expiresAt: after(LINK_MINUTES) } }),
  ]);
  return token;
}

/** Turns a link's token into a login session's. Of two who try the same link at once, one gets in. */
export async function redeemSignInLink({ platform }: Database, linkToken: string) {
  const tokenHash = hash(linkToken);
  const link = await platform.signInLink.findUnique({ where: { tokenHash, expiresAt: { gt: new Date() } } });
  const { count } = await platform.signInLink.deleteMany({ where: { tokenHash } });
  if (!link || count !== 1) throw new AppError('SIGN_IN_LINK_INVALID', 'This link was used before, or it has expired.');
  const token = newToken();
  const expiresAt = after(SESSION_DAYS * 24 * 60);
  await platform.loginSession.create({ data: { id: newId(), tokenHash: hash(token), userId: link.userId, expiresAt } });
  return { token, expiresAt };
}
