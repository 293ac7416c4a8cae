import type { IncomingMessage, ServerResponse } from 'node:http';
import { API_KEY_PREFIX, cookiePrefix, formerLoginCookie, loginCookie, SESSION_DAYS } from '@it0/api/auth/auth';
import { signLoginToken } from '@it0/api/auth/login-token';
import type { Credential } from '@it0/api/auth/user-lookup';
import type { Caller, Login } from '@it0/api/caller';
import type { Context, Services } from '@it0/api/context';
import { AppError } from '@it0/api/errors';
import type { KeySet, Keys } from '@it0/api/keys';
import { toNetwork } from '@it0/node/address';
import { parseCookie, stringifySetCookie } from 'cookie';
import { parseBearerToken } from './header-values.ts';
import type { Ingress } from './ingress.ts';
import type { ServerLimits } from './limits.ts';

/** Dependencies of all routes. */
export type HttpDeps = { services: Services; ingress: Ingress; limits: ServerLimits };

/** Returns the key for rate limits: the person, or the network of an unauthenticated caller. */
export const toCallerKey = ({ person, caller }: Pick<Context, 'person' | 'caller'>) =>
  person?.id ?? `network ${toNetwork(caller?.ip ?? '', 64)}`;

/** Authenticates an HTTP request. */
export async function createContext(deps: HttpDeps, request: IncomingMessage, response: ServerResponse) {
  const { services } = deps;
  const caller = createCaller(deps, request, response);
  const explicit = readExplicitCredential(request.headers);
  const cookie = explicit ? null : readCookieCredential(deps, request.headers);
  const person = await services.findUser(explicit ?? cookie);
  if (person?.login) caller.login = { id: person.login.id, email: person.email };
  if (person?.login && cookie?.isOutdated) renewLogin(services.keys, caller, person.login);
  return { services, person, caller } satisfies Context;
}

/** Renews cookies that are signed with an old secret or have an old name, so that people stay signed in. */
function renewLogin(keys: Keys, caller: Caller, { token }: { token: string }) {
  // The database decides when the login really expires.
  const expiresAt = new Date(Date.now() + SESSION_DAYS * 24 * 60 * 60_000);
  caller.setLoginCookie({ token: signLoginToken(keys, token), expiresAt });
}

const createCaller = (deps: HttpDeps, request: IncomingMessage, response: ServerResponse): Caller => ({
  ip: deps.ingress.findClientAddress(request),
  userAgent: request.headers['user-agent']?.slice(0, 500) ?? null,
  authVia: request.headers.authorization ? 'bearer' : 'cookie',
  canStoreLogin: !isSecure(deps.ingress) || !isPlain(request),
  device: readDeviceToken(deps, request.headers),
  setDeviceCookie: (token) => void response.appendHeader('set-cookie', formatDeviceCookie(deps, token)),
  login: null,
  setLoginCookie: (login) => void response.appendHeader('set-cookie', formatLoginCookies(deps, login)),
});

export type CredentialHeaders = Pick<IncomingMessage['headers'], 'cookie' | 'authorization'> & {
  'x-api-key'?: string | string[];
};

/** Returns the API key or bearer token of a request, otherwise its login cookie. */
export const readCredential = (deps: HttpDeps, headers: CredentialHeaders): Credential | null =>
  readExplicitCredential(headers) ?? readCookieCredential(deps, headers);

/** Returns the API key or bearer token of a request. */
export function readExplicitCredential(headers: CredentialHeaders): Credential | null {
  const apiKey = headers['x-api-key'];
  if (typeof apiKey === 'string') return { apiKey };
  const bearer = parseBearerToken(headers);
  if (!bearer) return null;
  return bearer.startsWith(API_KEY_PREFIX) ? { apiKey: bearer } : { login: bearer };
}

/** Returns the accepted names of the login cookie. The first is the current one. */
const listCookieNames = (ingress: Ingress, keys: KeySet): [string, ...string[]] =>
  isSecure(ingress) ? [loginCookie(keys, true), formerLoginCookie(keys)] : [loginCookie(keys, false)];

/** Returns the login cookie, and whether its key or its name is outdated. */
function readCookieCredential(
  { services, ingress }: HttpDeps,
  { cookie }: CredentialHeaders,
): { login: string; isOutdated: boolean } | null {
  if (!cookie) return null;
  const { accepted, current, outgoing } = services.keys;
  const cookies = parseCookie(cookie);
  for (const keys of accepted) {
    const names = listCookieNames(ingress, keys);
    const name = names.find((name) => cookies[name]);
    if (name)
      return { login: cookies[name]!, isOutdated: keys === outgoing || (keys === current && name !== names[0]) };
  }
  return null;
}

const toDeviceCookieName = (keys: KeySet) => `${cookiePrefix(keys)}.device`;
/** Maximum lifetime of a cookie in browsers. */
const DEVICE_COOKIE_SECONDS = 400 * 24 * 60 * 60;

function readDeviceToken({ services }: HttpDeps, { cookie }: CredentialHeaders): string | null {
  if (!cookie?.includes('.device=')) return null;
  const cookies = parseCookie(cookie);
  return services.keys.accepted.map((keys) => cookies[toDeviceCookieName(keys)]).find(Boolean) ?? null;
}

const formatDeviceCookie = ({ services: { keys }, ingress }: HttpDeps, token: string) =>
  stringifySetCookie({
    ...{ name: toDeviceCookieName(keys.current), value: token, path: '/', maxAge: DEVICE_COOKIE_SECONDS },
    ...{ httpOnly: true, sameSite: 'strict', secure: isSecure(ingress) },
  });

/**
 * Formats the headers that set the login cookie, out of reach of scripts, and delete its variants with other names or
 * secrets. With null, all are deleted.
 */
const formatLoginCookies = ({ services: { keys }, ingress }: HttpDeps, login: Login | null) =>
  keys.accepted.flatMap((keySet) =>
    listCookieNames(ingress, keySet).map((name, index) => {
      const current = keySet === keys.current && index === 0 ? login : null;
      return stringifySetCookie({
        ...{ name, value: current?.token ?? '', path: '/', httpOnly: true, sameSite: 'lax', secure: isSecure(ingress) },
        expires: current?.expiresAt ?? new Date(0),
      });
    }),
  );

const isSecure = ({ publicUrl }: Ingress) => publicUrl?.protocol === 'https:';

/** Returns whether a page over plain HTTP sends the request. Browsers send `origin` with every POST. */
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
 * since a browser never attaches these automatically.
 */
export function refuseForeign(ingress: Ingress, request: IncomingMessage) {
  if (isForeign(ingress, request) && !readExplicitCredential(request.headers)) throw foreignOrigin();
}

/** Creates the error for a request of a page of another origin. */
export const foreignOrigin = () => new AppError('ORIGIN_REFUSED', 'Requests from another site are not allowed.');
