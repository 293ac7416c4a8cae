import { setTimeout as sleep } from 'node:timers/promises';
import { limits } from '@it0/contracts/limits';
import { storableString } from '@it0/contracts/text';
import type { PoolClient } from 'pg';
import { z } from 'zod';
import { transaction } from '../agent/task/event-log.ts';
import type { PersonContext, PublicContext } from '../context.ts';
import { AppError } from '../errors.ts';
import { findHolders, verifyAddress } from './account/addresses.ts';
import { storePassword } from './account/create-account.ts';
import { type ApiKeySummary, endKeys, listKeys } from './api-key/list-keys.ts';
import { buildSessionHeaders, callBetterAuth } from './call-better-auth.ts';
import { Email, getSignInEmail, isPlaceholderEmail } from './email.ts';
import { endResetLinks } from './member/grants.ts';
import { withResetLink, writeResetLink } from './reset-link.ts';
import { LinkToken } from './sign-in-link.ts';

export const Password = storableString(limits.password.max).min(limits.password.min);

export const ChangePassword = z.object({
  current: storableString(limits.password.max),
  next: Password,
  /** Whether the person's API keys end too. */
  endKeys: z.boolean().default(false),
});

/** Every other device is signed out. */
export async function changePassword(ctx: PersonContext, input: z.infer<typeof ChangePassword>) {
  const { person } = ctx;
  await ctx.rateLimits.signIn(ctx.caller, person.email);
  const body = { currentPassword: input.current, newPassword: input.next, revokeOtherSessions: false };
  await callBetterAuth(ctx.auth.api.changePassword({ body, headers: buildSessionHeaders(ctx) }));
  await ctx.rateLimits.recordSignIn(ctx.caller, person.email);
  await callBetterAuth(ctx.auth.api.revokeOtherSessions({ headers: buildSessionHeaders(ctx) }));
  await transaction(ctx.db.pool, (client) => endOtherAccess(client, person.id, input));
}

export const SetPassword = z.object({ password: Password });

/** For somebody who has come in by a link so far: the first password needs no older one. */
export async function setPassword(ctx: PersonContext, { password }: z.infer<typeof SetPassword>) {
  if (isPlaceholderEmail(ctx.person.email)) throw new AppError('INVALID_INPUT', 'Give an e-mail address first.');
  await callBetterAuth(
    ctx.auth.api.setPassword({ body: { newPassword: password }, headers: buildSessionHeaders(ctx) }),
  );
}

export const RequestReset = z.object({ email: Email });

/** Longer than it takes to look somebody up, and to make a link for them. */
const answerMs = 250;
const HOURS = 1;

/** Sends a link, if somebody has that address. The answer is the same when nobody does, and takes as long. */
export async function requestReset(ctx: PublicContext, { email }: z.infer<typeof RequestReset>) {
  await ctx.rateLimits.signUp(ctx.caller);
  if (!ctx.sendMail)
    throw new AppError('INVALID_INPUT', 'This server sends no mails: ask an administrator for a link.');
  await Promise.all([sendResetLinks(ctx, email), sleep(answerMs)]);
}

/** Sends a link for the account that has proven the address, or otherwise for each account that gave it. */
async function sendResetLinks({ db, sendMail }: PublicContext, email: string) {
  const holders = await findHolders(db.pool, email);
  for (const { id: userId, name } of holders[0]?.isVerified ? holders.slice(0, 1) : holders) {
    const token = await writeResetLink(db.pool, { userId, email, hours: HOURS });
    sendMail?.({ kind: 'resetPassword', to: email, name, token });
  }
}

/** The account of a reset link, and its API keys. */
export type ResetLinkInfo = { name: string; email: string | null; keys: ApiKeySummary[] };

/** Returns the account of a reset link without using the link up. */
export async function showResetLink(ctx: PublicContext, { token }: z.infer<typeof LinkToken>): Promise<ResetLinkInfo> {
  await ctx.rateLimits.signUp(ctx.caller);
  const userId = await withResetLink(ctx, token, async (_, link) => link.userId);
  const select = { name: true, email: true, claimedEmail: true };
  const { name, ...addresses } = await ctx.db.platform.user.findUniqueOrThrow({ where: { id: userId }, select });
  return { name, email: getSignInEmail(addresses), keys: await listKeys(ctx, userId) };
}

export const ResetPassword = LinkToken.extend({
  password: Password,
  /** Whether the API keys end too, since another person can have created or read one. */
  endKeys: z.boolean().default(true),
});

/** Every device is signed out: whoever knew the old password is out. */
export async function resetPassword(ctx: PublicContext, { token, password, ...input }: z.infer<typeof ResetPassword>) {
  await ctx.rateLimits.signUp(ctx.caller);
  // Refuses an invalid link before a password is hashed, which is slow.
  await withResetLink(ctx, token, async () => {});
  const hash = await (await ctx.auth.$context).password.hash(password);
  const address = await withResetLink(ctx, token, async (client, { userId, email }) => {
    await storePassword(client, userId, hash);
    await client.query('DELETE FROM public."LoginSession" WHERE "userId" = $1', [userId]);
    await endOtherAccess(client, userId, input);
    if (email) await verifyAddress(client, { userId, email });
    return email;
  });
  // The browser becomes a known device, so that attempts from elsewhere do not lock the person out.
  if (address) await ctx.rateLimits.recordSignIn(ctx.caller, address);
}

/** Ends the other reset links and, if requested, the API keys. */
async function endOtherAccess(client: PoolClient, userId: string, { endKeys: areKeysEnded }: { endKeys: boolean }) {
  await endResetLinks(client, userId);
  if (areKeysEnded) await endKeys(client, userId);
}
