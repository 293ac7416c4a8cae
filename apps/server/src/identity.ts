import type { IncomingMessage, ServerResponse } from 'node:http';
import { cookiePrefix, keyPrefix, loginCookie, sessionDays } from '@it0/api/auth/auth';
import type { KeySet, Keys } from '@it0/api/auth/keys';
import { signLoginToken } from '@it0/api/auth/login-token';
import type { Credential } from '@it0/api/auth/user-lookup';
import type { Caller, Context, Login, Services } from '@it0/api/context';
import { networkOf } from '@it0/node/address';
import { parseCookie, stringifySetCookie } from 'cookie';
import type { Front } from './front.ts';
import type { ServerLimits } from './server-limits.ts';

/** What a server needs to know who asks. */
export type Known = { services: Services; front: Front; limits: ServerLimits };

/** Whose limits a call counts against: the person's, or those of the network that nobody is known in. */
export const callerKey = ({ person, caller }: Pick<Context, 'person' | 'caller'>) =>
  person?.id ?? `network ${networkOf(caller?.ip ?? '', 64)}`;

/** Who asks by http. */
export async function contextOf(known: Known, request: IncomingMessage, response: ServerResponse) {
  const { services } = known;
  const caller = callerOf(known, request, response);
  const told = toldBy(request.headers);
  const kept = told ? null : keptLogin(known, request.headers);
  const person = await services.findUser(told ?? kept);
  if (person?.login) caller.login = { id: person.login.id, email: person.email };
  if (person?.login && kept?.keys === services.keys.outgoing) renewLogin(services.keys, caller, person.login);
  return { services, person, caller } satisfies Context;
}

/** Nobody is signed out because a secret goes away that their cookie was signed with. */
function renewLogin(keys: Keys, caller: Caller, { token }: { token: string }) {
  // When it ends the database knows better.
  const expiresAt = new Date(Date.now() + sessionDays * 24 * 60 * 60_000);
  caller.keepLogin({ token: signLoginToken(keys, token), expiresAt });
}

const callerOf = (known: Known, request: IncomingMessage, response: ServerResponse): Caller => ({
  ip: known.front.addressOf(request),
  userAgent: request.headers['user-agent']?.slice(0, 500) ?? null,
  holdsBy: request.headers.authorization ? 'bearer' : 'cookie',
  device: keptDevice(known, request.headers),
  keepDevice: (token) => void response.appendHeader('set-cookie', deviceCookieOf(known, token)),
  login: null,
  keepLogin: (login) => void response.appendHeader('set-cookie', loginCookiesOf(known, login)),
});

type Headers = Pick<IncomingMessage['headers'], 'cookie' | 'authorization'> & { 'x-api-key'?: string | string[] };

/** An API key or a bearer token, or else what the browser keeps. */
export const credentialOf = (known: Known, headers: Headers): Credential | null =>
  toldBy(headers) ?? keptLogin(known, headers);

/** What a program shows of itself. */
export function toldBy(headers: Headers): Credential | null {
  const apiKey = headers['x-api-key'];
  if (typeof apiKey === 'string') return { apiKey };
  const bearer = /^Bearer (.+)$/i.exec(headers.authorization ?? '')?.[1];
  if (!bearer) return null;
  return bearer.startsWith(keyPrefix) ? { apiKey: bearer } : { login: bearer };
}

/** What the browser keeps, and the keys that its cookie is named after. */
function keptLogin({ services, front }: Known, { cookie }: Headers): { login: string; keys: KeySet } | null {
  if (!cookie) return null;
  const cookies = parseCookie(cookie);
  for (const keys of services.keys.accepted) {
    const login = cookies[loginCookie(keys, isSecure(front))];
    if (login) return { login, keys };
  }
  return null;
}

const deviceCookie = (keys: KeySet) => `${cookiePrefix(keys)}.device`;
/** As long as browsers keep a cookie at most, in seconds. */
const deviceSeconds = 400 * 24 * 60 * 60;

function keptDevice({ services }: Known, { cookie }: Headers): string | null {
  if (!cookie?.includes('.device=')) return null;
  const cookies = parseCookie(cookie);
  return services.keys.accepted.map((keys) => cookies[deviceCookie(keys)]).find(Boolean) ?? null;
}

const deviceCookieOf = ({ services: { keys }, front }: Known, token: string) =>
  stringifySetCookie({
    ...{ name: deviceCookie(keys.current), value: token, path: '/', maxAge: deviceSeconds },
    ...{ httpOnly: true, sameSite: 'strict', secure: isSecure(front) },
  });

/** Keeps a login where no script can read it, and none beside it that another secret signed; null ends it. */
const loginCookiesOf = ({ services: { keys }, front }: Known, login: Login | null) =>
  keys.accepted.map((those) => {
    const kept = those === keys.current ? login : null;
    return stringifySetCookie({
      name: loginCookie(those, isSecure(front)),
      value: kept?.token ?? '',
      path: '/',
      httpOnly: true,
      sameSite: 'lax',
      secure: isSecure(front),
      expires: kept?.expiresAt ?? new Date(0),
    });
  });

const isSecure = ({ publicUrl }: Front) => publicUrl?.protocol === 'https:';

/**
 * A browser says which page makes it ask. Another site's page may not use this one's cookie: not to change something,
 * and not to open a WebSocket.
 */
export function isForeign({ publicUrl }: Front, { headers }: IncomingMessage): boolean {
  if (!headers.origin) return false;
  if (!URL.canParse(headers.origin)) return true;
  const { host } = new URL(headers.origin);
  return host !== headers.host && host !== publicUrl?.host;
}
