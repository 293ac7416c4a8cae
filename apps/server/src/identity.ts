import type { IncomingMessage, ServerResponse } from 'node:http';
import { keyPrefix, loginCookie } from '@it0/api/auth/auth';
import type { Credential } from '@it0/api/auth/user-lookup';
import type { Caller, Context, Login, Services } from '@it0/api/context';
import { parseCookie, stringifySetCookie } from 'cookie';
import type { Front } from './front.ts';

/** What a server needs to know who asks. */
export type Known = { services: Services; front: Front };

/** Who asks by http. */
export async function contextOf(known: Known, request: IncomingMessage, response: ServerResponse) {
  const { services } = known;
  const person = await services.findUser(credentialOf(known, request.headers));
  return { services, person, caller: callerOf(known, request, response) } satisfies Context;
}

const callerOf = (known: Known, request: IncomingMessage, response: ServerResponse): Caller => ({
  ip: known.front.addressOf(request),
  userAgent: request.headers['user-agent']?.slice(0, 500) ?? null,
  holdsBy: request.headers.authorization ? 'bearer' : 'cookie',
  keepLogin: (login) => void response.appendHeader('set-cookie', loginCookieOf(known, login)),
});

type Headers = Pick<IncomingMessage['headers'], 'cookie' | 'authorization'> & { 'x-api-key'?: string | string[] };

/** An API key or a bearer token, or else what the browser keeps. */
export function credentialOf({ services: { keys }, front }: Known, headers: Headers): Credential | null {
  const apiKey = headers['x-api-key'];
  if (typeof apiKey === 'string') return { apiKey };
  const bearer = /^Bearer (.+)$/i.exec(headers.authorization ?? '')?.[1];
  if (bearer) return bearer.startsWith(keyPrefix) ? { apiKey: bearer } : { login: bearer };
  if (!headers.cookie) return null;
  const cookies = parseCookie(headers.cookie);
  const login = [keys, keys.before]
    .map((those) => those && cookies[loginCookie(those, isSecure(front))])
    .find((value) => value);
  return login ? { login } : null;
}

/** Keeps a login where no script can read it; null ends it. */
const loginCookieOf = ({ services: { keys }, front }: Known, login: Login | null) =>
  stringifySetCookie({
    name: loginCookie(keys, isSecure(front)),
    value: login?.token ?? '',
    path: '/',
    httpOnly: true,
    sameSite: 'lax',
    secure: isSecure(front),
    expires: login?.expiresAt ?? new Date(0),
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
