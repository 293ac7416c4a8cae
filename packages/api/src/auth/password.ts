import { setTimeout as sleep } from 'node:timers/promises';
import { limits } from '@it0/contracts/limits';
import { storableString } from '@it0/contracts/text';
import { z } from 'zod';
import type { OpenContext, PersonContext } from '../context.ts';
import { AppError } from '../errors.ts';
import { authCall, callerHeaders, headersOf } from './auth-call.ts';
import { Email, isNoEmail } from './email.ts';

export const Password = storableString(limits.password.max).min(limits.password.min);

export const ChangePassword = z.object({ current: storableString(limits.password.max), next: Password });

/** Every other device is signed out. */
export async function changePassword(ctx: PersonContext, { current, next }: z.infer<typeof ChangePassword>) {
  await ctx.rateLimits.signIn(ctx.caller, ctx.person.email);
  const body = { currentPassword: current, newPassword: next, revokeOtherSessions: false };
  await authCall(ctx.auth.api.changePassword({ body, headers: headersOf(ctx) }));
  await ctx.rateLimits.signedIn(ctx.caller, ctx.person.email);
  await authCall(ctx.auth.api.revokeOtherSessions({ headers: headersOf(ctx) }));
}

export const SetPassword = z.object({ password: Password });

/** For somebody who has come in by a link so far: the first password needs no older one. */
export async function setPassword(ctx: PersonContext, { password }: z.infer<typeof SetPassword>) {
  if (isNoEmail(ctx.person.email)) throw new AppError('INVALID_INPUT', 'Give an e-mail address first.');
  await authCall(ctx.auth.api.setPassword({ body: { newPassword: password }, headers: headersOf(ctx) }));
}

export const RequestReset = z.object({ email: Email });

/** Longer than it takes to look somebody up, and to make a link for them. */
const answerMs = 250;

/** Sends a link, if somebody has that address. The answer is the same when nobody does, and takes as long. */
export async function requestReset(ctx: OpenContext, { email }: z.infer<typeof RequestReset>) {
  await ctx.rateLimits.signUp(ctx.caller);
  if (!ctx.sendMail)
    throw new AppError('INVALID_INPUT', 'This server sends no mails: ask an administrator for a link.');
  const made = authCall(ctx.auth.api.requestPasswordReset({ body: { email }, headers: callerHeaders(ctx) }));
  await Promise.all([made, sleep(answerMs)]);
}

export const ResetPassword = z.object({ token: storableString(200).min(1), password: Password });

/** Every device is signed out: whoever knew the old password is out. */
export async function resetPassword(ctx: OpenContext, { token, password }: z.infer<typeof ResetPassword>) {
  await ctx.rateLimits.signUp(ctx.caller);
  const { internalAdapter } = await ctx.auth.$context;
  const link = await internalAdapter.findVerificationValue(`reset-password:${token}`);
  await authCall(ctx.auth.api.resetPassword({ body: { newPassword: password, token }, headers: callerHeaders(ctx) }));
  const user = link && (await internalAdapter.findUserById(link.value));
  // Whoever was sent the link signs in here, however often others try elsewhere.
  if (user) await ctx.rateLimits.signedIn(ctx.caller, user.email);
}
