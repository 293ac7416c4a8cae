import { createHmac, timingSafeEqual } from 'node:crypto';
import type { KeySet, Keys } from './keys.ts';

const signature = ({ auth }: KeySet, token: string) => createHmac('sha256', auth).update(token).digest();

/** What a cookie or a bearer header carries: the session's token and better-auth's signature of it. */
export const signLoginToken = ({ current }: Keys, token: string) =>
  `${token}.${signature(current, token).toString('base64')}`;

/** The session's token; null when it was not signed here, under none of the secrets that are accepted. */
export function readLoginToken({ accepted }: Keys, signed: string): string | null {
  const dot = signed.lastIndexOf('.');
  if (dot < 1) return null;
  const token = signed.slice(0, dot);
  const given = Buffer.from(signed.slice(dot + 1), 'base64');
  const isOf = (keys: KeySet) => {
    const expected = signature(keys, token);
    return given.length === expected.length && timingSafeEqual(given, expected);
  };
  return accepted.some(isOf) ? token : null;
}
