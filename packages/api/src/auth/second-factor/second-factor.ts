import { limits } from '@it0/contracts/limits';
import { storableString } from '@it0/contracts/text';
import { z } from 'zod';
import type { PersonContext } from '../auth-services.ts';
import { buildSessionHeaders, callBetterAuth, wrongCode } from '../call-better-auth.ts';
import { adoptRotatedLogin } from '../login.ts';
import { AppCode } from './code.ts';
import { claimCode } from './time-step.ts';

export const WithPassword = z.object({ password: storableString(limits.password.max).min(1) });
export const ConfirmCode = z.object({ code: AppCode });

/** Secret for an authenticator app, as a link and as text, and backup codes for when the app is lost. */
export type NewSecondFactor = { uri: string; secret: string; backupCodes: string[] };

/** Creates a second factor. Sign-in does not require it until `confirmSecondFactor`. Throws WRONG_PASSWORD. */
export async function beginSecondFactor(
  ctx: PersonContext,
  { password }: z.infer<typeof WithPassword>,
): Promise<NewSecondFactor> {
  await ctx.rateLimits.signIn(ctx.caller, ctx.person.email);
  const created = await callBetterAuth(
    ctx.auth.api.enableTwoFactor({ body: { password }, headers: buildSessionHeaders(ctx) }),
  );
  if (created.method !== 'totp') throw new Error(`Unexpected second factor: ${created.method}`);
  await ctx.rateLimits.recordSignIn(ctx.caller, ctx.person.email);
  const uri = new URL(created.totpURI);
  // The label in the app, since better-auth may have another address for the person.
  uri.pathname = `/IT0:${encodeURIComponent(ctx.person.email)}`;
  return { uri: uri.href, secret: uri.searchParams.get('secret')!, backupCodes: created.backupCodes };
}

/** Enables the second factor with its first code, and issues a new login. Throws WRONG_CODE. */
export async function confirmSecondFactor(ctx: PersonContext, { code }: z.infer<typeof ConfirmCode>) {
  await ctx.rateLimits.signIn(ctx.caller, ctx.person.email);
  if (!(await claimCode(ctx, ctx.person.id, code))) throw wrongCode();
  const { headers } = await callBetterAuth(
    ctx.auth.api.verifyTOTP({ body: { code }, headers: buildSessionHeaders(ctx), returnHeaders: true }),
  );
  await ctx.rateLimits.recordSignIn(ctx.caller, ctx.person.email);
  return adoptRotatedLogin(ctx, headers);
}

/** Removes the second factor, and issues a new login. Throws WRONG_PASSWORD. */
export async function removeSecondFactor(ctx: PersonContext, { password }: z.infer<typeof WithPassword>) {
  await ctx.rateLimits.signIn(ctx.caller, ctx.person.email);
  const { headers } = await callBetterAuth(
    ctx.auth.api.disableTwoFactor({ body: { password }, headers: buildSessionHeaders(ctx), returnHeaders: true }),
  );
  await ctx.rateLimits.recordSignIn(ctx.caller, ctx.person.email);
  return adoptRotatedLogin(ctx, headers);
}
