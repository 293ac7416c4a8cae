import type { Keys } from '../keys.ts';
import { cookiePrefix } from './auth.ts';
import { readLoginToken, signLoginToken } from './login-token.ts';

/**
 * Signs the cookies of a header again with the current secret, if another accepted secret has signed them. better-auth
 * only accepts cookies of the current secret.
 */
export function resignCookies(keys: Keys, cookies: string): string {
  return cookies
    .split('; ')
    .map((cookie) => {
      const equals = cookie.indexOf('=');
      const [name, value] = [cookie.slice(0, equals), cookie.slice(equals + 1)];
      const signer = keys.accepted.slice(1).find((keySet) => name.includes(`${cookiePrefix(keySet)}.`));
      const token = signer && readLoginToken(keys, decode(value));
      if (!token) return cookie;
      const newName = name.replace(cookiePrefix(signer), cookiePrefix(keys.current));
      return `${newName}=${encodeURIComponent(signLoginToken(keys, token))}`;
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
