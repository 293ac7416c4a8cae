import { setTimeout as sleep } from 'node:timers/promises';
import type { Reason } from '@it0/contracts/reasons';
import { z } from 'zod';
import type { OpenContext } from '../../context.ts';
import { AppError } from '../../errors.ts';
import { type Auth, type AuthOptions, createAuth, errorPath, loginCookie } from '../auth.ts';
import { callBetterAuth, callerHeaders } from '../call-better-auth.ts';
import { adoptRotatedLogin } from '../login.ts';
import { resignCookies } from '../signed-cookies.ts';
import { providerId } from './admission.ts';

/** Where a browser is to go next, and what it is to keep. */
export type Redirect = { location: string; cookies: string[] };
/** What a browser comes back with: what the provider says, and the cookies it kept. */
type Back = { search: string; cookies: string | undefined };

/** The provider gets so long for an answer. */
const patienceMs = 10_000;

const site = 'http://it0';
/** An address of this site, without the site. */
export const OwnPath = z
  .string()
  .max(2_000)
  .refine((path) => path.startsWith('/') && URL.parse(path, site)?.origin === site);

export type Provider = ReturnType<typeof createProvider>;

/**
 * Signing in with an identity from elsewhere. It has a better-auth of its own, made when it is first needed: that one
 * asks the provider where its addresses are, once and as long as it takes, and passwords must not wait for it.
 */
export function createProvider(options: AuthOptions & { publicUrl: string }) {
  const origin = new URL(options.publicUrl).origin;
  let connecting: Promise<Auth> | undefined;

  async function connect(): Promise<Auth> {
    const auth = createAuth(options);
    const { socialProviders } = await withTimeout(auth.$context);
    if (!socialProviders.some(({ id }) => id === providerId)) throw unreachable();
    return auth;
  }
  async function connected(): Promise<Auth> {
    connecting ??= connect();
    try {
      return await connecting;
    } catch (error) {
      connecting = undefined;
      throw error;
    }
  }

  return {
    /** Sends somebody to the provider, who wants to get to `to`. */
    async begin(ctx: OpenContext, to: string): Promise<Redirect> {
      await ctx.rateLimits.signUp(ctx.caller);
      const { api } = await connected();
      const body = { provider: providerId, callbackURL: to };
      const { headers, response } = await callBetterAuth(
        api.signInSocial({ body, headers: callerHeaders(ctx), returnHeaders: true }),
      );
      if (!response.url) throw failed();
      return { location: response.url, cookies: headers.getSetCookie() };
    },
    /** Takes somebody back from there, signed in. Whoever did not begin here does not get far. */
    async finish(ctx: OpenContext, { search, cookies = '' }: Back): Promise<Redirect> {
      const auth = await connected();
      const headers = callerHeaders(ctx);
      headers.set('cookie', resignCookies(ctx.keys, cookies));
      const url = new URL(`/api/auth/callback/${providerId}${search}`, origin);
      const answer = await callBetterAuth(withTimeout(auth.handler(new Request(url, { headers }))));
      const location = new URL(answer.headers.get('location') ?? errorPath, origin);
      if (location.pathname === errorPath) throw refusalOf(location.searchParams.get('error'));
      await adoptRotatedLogin(ctx, answer.headers);
      const isLogin = (cookie: string) => cookie.includes(`${loginCookie(ctx.keys.current, false)}=`);
      const path = `${location.pathname}${location.search}${location.hash}`;
      return { location: path, cookies: answer.headers.getSetCookie().filter((cookie) => !isLogin(cookie)) };
    },
  };
}

const withTimeout = <T>(answer: Promise<T>): Promise<T> =>
  Promise.race([answer, sleep(patienceMs, undefined, { ref: false }).then(() => Promise.reject(unreachable()))]);

/** What better-auth says of a sign-in that did not work, as ours. */
const refusals: Record<string, Reason> = {
  NOT_INVITED: 'NOT_INVITED',
  SECOND_FACTOR_REQUIRED: 'SECOND_FACTOR_REQUIRED',
  EMAIL_UNVERIFIED: 'EMAIL_UNVERIFIED',
  email_not_found: 'EMAIL_UNVERIFIED',
  account_not_linked: 'EMAIL_UNVERIFIED',
  BANNED_USER: 'FORBIDDEN',
};
const refusalOf = (code: string | null) => {
  const reason = refusals[code ?? ''];
  return reason ? new AppError(reason, 'The identity provider’s word does not let this person in.') : failed();
};
const failed = () => new AppError('PROVIDER_FAILED', 'Signing in at the identity provider did not work.');
const unreachable = () => new AppError('PROVIDER_UNREACHABLE', 'The identity provider does not answer.');
