import type { IncomingMessage, ServerResponse } from 'node:http';
import { cookiePrefix, formerLoginCookie, API_KEY_PREFIX, loginCookie, SESSION_DAYS } from '@it0/api/auth/auth';
import type { KeySet, Keys } from '@it0/api/auth/keys';
import { signLoginToken } from '@it0/api/auth/login-token';
import type { Credential } from '@it0/api/auth/user-lookup';
import type { Caller, Context, Login, Services } from '@it0/api/context';
import { AppError } from '@it0/api/errors';
import { networkOf } from '@it0/node/address';
import { parseCookie, stringifySetCookie } from 'cookie';
import { parseBearerToken } from './header-values.ts';
import type { Ingress } from './ingress.ts';
import type { ServerLimits } from './limits.ts';

/** What a server needs to know who asks. */
export type HttpDeps = { services: Services; ingress: Ingress; limits: ServerLimits };

/** Returns the key for rate limits: the person, or the network of an unauthenticated caller. */
export const callerKey = ({ person, caller }: Pick<Context, 'person' | 'caller'>) =>
  person?.id ?? `network ${networkOf(caller?.ip ?? '', 64)}`;

/** Who asks by http. */
export async function createContext(known: HttpDeps, request: IncomingMessage, response: ServerResponse) {
  const { services } = known;
  const caller = callerOf(known, request, response);
  const told = explicitCredential(request.headers);
  const kept = told ? null : cookieCredential(known, request.headers);
  const person = await services.findUser(told ?? kept);
  if (person?.login) caller.login = { id: person.login.id, email: person.email };
  if (person?.login && kept?.isTransient) renewLogin(services.keys, caller, person.login);
  return { services, person, caller } satisfies Context;
}

/** Renews cookies that are signed with an old secret or have an old name, so that nobody is signed out. */
function renewLogin(keys: Keys, caller: Caller, { token }: { token: string }) {
  // When it ends the database knows better.
  const expiresAt = new Date(Date.now() + SESSION_DAYS * 24 * 60 * 60_000);
  caller.setLoginCookie({ token: signLoginToken(keys, token), expiresAt });
}

const callerOf = (known: HttpDeps, request: IncomingMessage, response: ServerResponse): Caller => ({
  ip: known.ingress.addressOf(request),
  userAgent: request.headers['user-agent']?.slice(0, 500) ?? null,
  authVia: request.headers.authorization ? 'bearer' : 'cookie',
  canStoreLogin: !isSecure(known.ingress) || !isPlain(request),
  device: keptDevice(known, request.headers),
  setDeviceCookie: (token) => void response.appendHeader('set-cookie', deviceCookieOf(known, token)),
  login: null,
  setLoginCookie: (login) => void response.appendHeader('set-cookie', loginCookiesOf(known, login)),
});

export type CredentialHeaders = Pick<IncomingMessage['headers'], 'cookie' | 'authorization'> & {
  'x-api-key'?: string | string[];
};

/** An API key or a bearer token, or else what the browser keeps. */
export const readCredential = (known: HttpDeps, headers: CredentialHeaders): Credential | null =>
  explicitCredential(headers) ?? cookieCredential(known, headers);

/** What a program shows of itself. */
export function explicitCredential(headers: CredentialHeaders): Credential | null {
  const apiKey = headers['x-api-key'];
  if (typeof apiKey === 'string') return { apiKey };
  const bearer = parseBearerToken(headers);
  if (!bearer) return null;
  return bearer.startsWith(API_KEY_PREFIX) ? { apiKey: bearer } : { login: bearer };
}

/** Returns the accepted names of the login cookie. The first is the current one. */
const cookieNames = (ingress: Ingress, keys: KeySet): [string, ...string[]] =>
  isSecure(ingress) ? [loginCookie(keys, true), formerLoginCookie(keys)] : [loginCookie(keys, false)];

/** Returns the login cookie, and whether its key or its name is outdated. */
function cookieCredential(
  { services, ingress }: HttpDeps,
  { cookie }: CredentialHeaders,
): { login: string; isTransient: boolean } | null {
  if (!cookie) return null;
  const { accepted, current, outgoing } = services.keys;
  const cookies = parseCookie(cookie);
  for (const keys of accepted) {
    const names = cookieNames(ingress, keys);
    const name = names.find((name) => cookies[name]);
    if (name)
      return { login: cookies[name]!, isTransient: keys === outgoing || (keys === current && name !== names[0]) };
  }
  return null;
}

const deviceCookie = (keys: KeySet) => `${cookiePrefix(keys)}.device`;
/** Maximum lifetime of a cookie in browsers. */
const deviceSeconds = 400 * 24 * 60 * 60;

function keptDevice({ services }: HttpDeps, { cookie }: CredentialHeaders): string | null {
  if (!cookie?.includes('.device=')) return null;
  const cookies = parseCookie(cookie);
  return services.keys.accepted.map((keys) => cookies[deviceCookie(keys)]).find(Boolean) ?? null;
}

const deviceCookieOf = ({ services: { keys }, ingress }: HttpDeps, token: string) =>
  stringifySetCookie({
    ...{ name: deviceCookie(keys.current), value: token, path: '/', maxAge: deviceSeconds },
    ...{ httpOnly: true, sameSite: 'strict', secure: isSecure(ingress) },
  });

/** Keeps a login where no script can read it, and none beside it that another secret signed; null ends it. */
const loginCookiesOf = ({ services: { keys }, ingress }: HttpDeps, login: Login | null) =>
  keys.accepted.flatMap((those) =>
    cookieNames(ingress, those).map((name, index) => {
      const kept = those === keys.current && index === 0 ? login : null;
      return stringifySetCookie({
        ...{ name, value: kept?.token ?? '', path: '/', httpOnly: true, sameSite: 'lax', secure: isSecure(ingress) },
        expires: kept?.expiresAt ?? new Date(0),
      });
    }),
  );

const isSecure = ({ publicUrl }: Ingress) => publicUrl?.protocol === 'https:';

/** Returns whether a page over plain http sends the request. Browsers send `origin` with every POST. */
const isPlain = ({ headers }: IncomingMessage) => headers.origin?.startsWith('http:') ?? false;

/**
 * Returns whether a page of another origin sends the request, by its headers. Host names are case-insensitive. `null`
 * and the origins of apps, such as `capacitor://localhost`, are always foreign.
 */
export function isForeign({ publicUrl }: Ingress, { headers }: IncomingMessage): boolean {
  if (!headers.origin) return false;
  const origin = URL.parse(headers.origin);
  if (!origin || !/^https?:$/.test(origin.protocol)) return true;
  return origin.host !== headers.host?.toLowerCase() && origin.host !== publicUrl?.host;
}

/**
 * Throws ORIGIN_REFUSED when a page of another origin uses the cookie. Requests with a key or a token are allowed,
 * since a browser does not attach these by itself.
 */
export function refuseForeign(ingress: Ingress, request: IncomingMessage) {
  if (isForeign(ingress, request) && !explicitCredential(request.headers))
    throw new AppError('ORIGIN_REFUSED', 'Another site may not use this one.');
}
