import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Keys } from './keys.ts';

const signature = (secret: string, token: string) => createHmac('sha256', secret).update(token).digest();

/** What a cookie or a bearer header carries: the session's token and better-auth's signature of it. */
export const signLoginToken = (keys: Keys, token: string) =>
  `${token}.${signature(keys.auth, token).toString('base64')}`;

/** The session's token; null when it was not signed here, under this secret or the one before. */
export function readLoginToken(keys: Keys, signed: string): string | null {
  const dot = signed.lastIndexOf('.');
  if (dot < 1) return null;
  const token = signed.slice(0, dot);
  const given = Buffer.from(signed.slice(dot + 1), 'base64');
  const isOurs = ({ auth }: Keys) => {
    const expected = signature(auth, token);
    return given.length === expected.length && timingSafeEqual(given, expected);
  };
  return isOurs(keys) || (keys.before && isOurs(keys.before)) ? token : null;
}
