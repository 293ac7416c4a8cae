import { limits } from '@it0/contracts/limits';
import { storableString } from '@it0/contracts/text';
import { z } from 'zod';
import type { PersonContext } from '../../context.ts';
import { buildSessionHeaders, callBetterAuth, wrongCode } from '../call-better-auth.ts';
import { adoptRotatedLogin } from '../login.ts';
import { AppCode } from './code.ts';
import { claimCode } from './time-step.ts';

export const WithPassword = z.object({ password: storableString(limits.password.max).min(1) });
export const ConfirmCode = z.object({ code: AppCode });

/** What an authenticator app takes, as a link and as text, and the codes to keep for when it is lost. */
export type NewSecondFactor = { uri: string; secret: string; backupCodes: string[] };

/** Nothing is asked for at sign-in until the first code was confirmed. */
export async function beginSecondFactor(
  ctx: PersonContext,
  { password }: z.infer<typeof WithPassword>,
): Promise<NewSecondFactor> {
  await ctx.rateLimits.signIn(ctx.caller, ctx.person.email);
  const begun = await callBetterAuth(
    ctx.auth.api.enableTwoFactor({ body: { password }, headers: buildSessionHeaders(ctx) }),
  );
  if (begun.method !== 'totp') throw new Error(`A second factor that is none: ${begun.method}`);
  await ctx.rateLimits.recordSignIn(ctx.caller, ctx.person.email);
  const uri = new URL(begun.totpURI);
  // The label in the app, since better-auth may have another address for the person.
  uri.pathname = `/IT0:${encodeURIComponent(ctx.person.email)}`;
  return { uri: uri.href, secret: uri.searchParams.get('secret')!, backupCodes: begun.backupCodes };
}

/** From now on a code is asked for at sign-in. The device is signed in anew. */
export async function confirmSecondFactor(ctx: PersonContext, { code }: z.infer<typeof ConfirmCode>) {
  await ctx.rateLimits.signIn(ctx.caller, ctx.person.email);
  if (!(await claimCode(ctx, ctx.person.id, code))) throw wrongCode();
  const { headers } = await callBetterAuth(
    ctx.auth.api.verifyTOTP({ body: { code }, headers: buildSessionHeaders(ctx), returnHeaders: true }),
  );
  await ctx.rateLimits.recordSignIn(ctx.caller, ctx.person.email);
  return adoptRotatedLogin(ctx, headers);
}

/** The device is signed in anew. */
export async function removeSecondFactor(ctx: PersonContext, { password }: z.infer<typeof WithPassword>) {
  await ctx.rateLimits.signIn(ctx.caller, ctx.person.email);
  const { headers } = await callBetterAuth(
    ctx.auth.api.disableTwoFactor({ body: { password }, headers: buildSessionHeaders(ctx), returnHeaders: true }),
  );
  await ctx.rateLimits.recordSignIn(ctx.caller, ctx.person.email);
  return adoptRotatedLogin(ctx, headers);
}
