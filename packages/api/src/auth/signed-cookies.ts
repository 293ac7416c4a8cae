import { cookiePrefix } from './auth.ts';
import type { Keys } from './keys.ts';
import { readLoginToken, signLoginToken } from './login-token.ts';

/**
 * A cookie header as if this server had set it all: better-auth knows a cookie by the current secret alone, and a server
 * whose secret is another one may have set it.
 */
export function resignCookies(keys: Keys, cookies: string): string {
  return cookies
    .split('; ')
    .map((cookie) => {
      const equals = cookie.indexOf('=');
      const [name, value] = [cookie.slice(0, equals), cookie.slice(equals + 1)];
      const theirs = keys.accepted.slice(1).find((those) => name.includes(`${cookiePrefix(those)}.`));
      const token = theirs && readLoginToken(keys, decode(value));
      if (!token) return cookie;
      const ours = name.replace(cookiePrefix(theirs), cookiePrefix(keys.current));
      return `${ours}=${encodeURIComponent(signLoginToken(keys, token))}`;
    })
    .join('; ');
}

/** Returns the value of a signed cookie, given as `name=value`; null when the signature is invalid. */
export const readSignedCookie = (keys: Keys, cookie: string) =>
  readLoginToken(keys, decode(cookie.slice(cookie.indexOf('=') + 1)));

function decode(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
