import { limits } from '@it0/contracts/limits';
import { storableString } from '@it0/contracts/text';
import { transaction } from '@it0/db/transaction';
import { delay } from '@it0/node/delay';
import type { PoolClient } from 'pg';
import { z } from 'zod';
import { AppError } from '../errors.ts';
import { findHolders, verifyAddress } from './account/addresses.ts';
import { storePassword } from './account/create-account.ts';
import { type ApiKeySummary, endKeys, listKeys } from './api-key/list-keys.ts';
import type { PersonContext, PublicContext } from './auth-services.ts';
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

/** Changes the password and signs out all other devices. Throws WRONG_PASSWORD. */
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

/** Sets the first password of an account, which so far signed in by links. */
export async function setPassword(ctx: PersonContext, { password }: z.infer<typeof SetPassword>) {
  if (isPlaceholderEmail(ctx.person.email)) throw new AppError('INVALID_INPUT', 'Add an email address first.');
  await callBetterAuth(
    ctx.auth.api.setPassword({ body: { newPassword: password }, headers: buildSessionHeaders(ctx) }),
  );
}

export const RequestReset = z.object({ email: Email });

/** Longer than a lookup and the creation of a link, so that the response time does not reveal an account. */
const RESPONSE_MS = 250;
const LINK_HOURS = 1;

/** Sends a reset link if the address has an account. Response and response time are the same without one. */
export async function requestReset(ctx: PublicContext, { email }: z.infer<typeof RequestReset>) {
  await ctx.rateLimits.signUp(ctx.caller);
  if (!ctx.sendMail)
    throw new AppError('INVALID_INPUT', 'This server does not send mail. Ask an administrator for a link.');
  await Promise.all([sendResetLinks(ctx, email), delay(RESPONSE_MS)]);
}

/** Sends a link for the account that has verified the address, or otherwise for each account that has claimed it. */
async function sendResetLinks({ db, sendMail }: PublicContext, email: string) {
  const holders = await findHolders(db.pool, email);
  for (const { id: userId, name } of holders[0]?.isVerified ? holders.slice(0, 1) : holders) {
    const token = await writeResetLink(db.pool, { userId, email, hours: LINK_HOURS });
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

/** Sets a new password by a reset link and signs out all devices. Throws SIGN_IN_LINK_INVALID. */
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
async function endOtherAccess(client: PoolClient, userId: string, { endKeys: shouldEndKeys }: { endKeys: boolean }) {
  await endResetLinks(client, userId);
  if (shouldEndKeys) await endKeys(client, userId);
}
