import { setTimeout as sleep } from 'node:timers/promises';
import type { RequestReason } from '@it0/contracts/reasons';
import { z } from 'zod';
import { AppError } from '../../errors.ts';
import { type Auth, type AuthOptions, createAuth, ERROR_PATH, loginCookie } from '../auth.ts';
import type { PublicContext } from '../auth-services.ts';
import { buildCallerHeaders, callBetterAuth } from '../call-better-auth.ts';
import { adoptRotatedLogin } from '../login.ts';
import { resignCookies } from '../signed-cookies.ts';
import { PROVIDER_ID } from './admission.ts';

/** Redirect of a browser, with the cookies to set. */
export type Redirect = { location: string; cookies: string[] };
/** Request of a browser that returns from the provider. `search` is the query string from the provider. */
type CallbackRequest = { search: string; cookies: string | undefined };

const PROVIDER_TIMEOUT_MS = 10_000;

const BASE = 'http://it0';
/** Path, query and fragment of a page of this site. */
export const SitePath = z
  .string()
  .max(2_000)
  .refine((path) => path.startsWith('/') && URL.parse(path, BASE)?.origin === BASE);

export type Provider = ReturnType<typeof createProvider>;

/**
 * Creates the sign-in by an identity provider. It uses a separate instance of better-auth, created on first use: that
 * instance fetches the provider's metadata, and sign-in with a password must not wait for it.
 */
export function createProvider(options: AuthOptions & { publicUrl: string }) {
  const origin = new URL(options.publicUrl).origin;
  let connecting: Promise<Auth> | undefined;

  async function connect(): Promise<Auth> {
    const auth = createAuth(options);
    const { socialProviders } = await withTimeout(auth.$context);
    if (!socialProviders.some(({ id }) => id === PROVIDER_ID)) throw providerUnreachable();
    return auth;
  }
  /** Returns the connected instance. A failed connection is tried again at the next call. */
  async function getAuth(): Promise<Auth> {
    connecting ??= connect();
    try {
      return await connecting;
    } catch (error) {
      connecting = undefined;
      throw error;
    }
  }

  return {
    /** Redirects to the provider. After the sign-in, the browser continues to the path `to`. */
    async start(ctx: PublicContext, to: string): Promise<Redirect> {
      await ctx.rateLimits.signUp(ctx.caller);
      const { api } = await getAuth();
      const body = { provider: PROVIDER_ID, callbackURL: to };
      const { headers, response } = await callBetterAuth(
        api.signInSocial({ body, headers: buildCallerHeaders(ctx), returnHeaders: true }),
      );
      if (!response.url) throw providerFailed();
      return { location: response.url, cookies: headers.getSetCookie() };
    },
    /** Signs in a person who returns from the provider. Fails unless the same browser called `start`. */
    async complete(ctx: PublicContext, { search, cookies = '' }: CallbackRequest): Promise<Redirect> {
      const auth = await getAuth();
      const headers = buildCallerHeaders(ctx);
      headers.set('cookie', resignCookies(ctx.keys, cookies));
      const url = new URL(`/api/auth/callback/${PROVIDER_ID}${search}`, origin);
      const response = await callBetterAuth(withTimeout(auth.handler(new Request(url, { headers }))));
      const location = new URL(response.headers.get('location') ?? ERROR_PATH, origin);
      if (location.pathname === ERROR_PATH) throw toSignInError(location.searchParams.get('error'));
      await adoptRotatedLogin(ctx, response.headers);
      const isLogin = (cookie: string) => cookie.includes(`${loginCookie(ctx.keys.current, false)}=`);
      const path = `${location.pathname}${location.search}${location.hash}`;
      return { location: path, cookies: response.headers.getSetCookie().filter((cookie) => !isLogin(cookie)) };
    },
  };
}

const withTimeout = <T>(response: Promise<T>): Promise<T> =>
  Promise.race([
    response,
    sleep(PROVIDER_TIMEOUT_MS, undefined, { ref: false }).then(() => Promise.reject(providerUnreachable())),
  ]);

/** Our reasons for the sign-in errors of better-auth. */
const reasons: Record<string, RequestReason> = {
  NOT_INVITED: 'NOT_INVITED',
  SECOND_FACTOR_REQUIRED: 'SECOND_FACTOR_REQUIRED',
  EMAIL_UNVERIFIED: 'EMAIL_UNVERIFIED',
  email_not_found: 'EMAIL_UNVERIFIED',
  account_not_linked: 'EMAIL_UNVERIFIED',
  BANNED_USER: 'FORBIDDEN',
};
const toSignInError = (code: string | null) => {
  const reason = reasons[code ?? ''];
  return reason ? new AppError(reason, 'This identity cannot sign in here.') : providerFailed();
};
const providerFailed = () => new AppError('PROVIDER_FAILED', 'The sign-in with the identity provider failed.');
const providerUnreachable = () => new AppError('PROVIDER_UNREACHABLE', 'The identity provider does not respond.');
