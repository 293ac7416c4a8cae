import { createHmac, timingSafeEqual } from 'node:crypto';
import type { KeySet, Keys } from '../keys.ts';

/** Computes an HMAC-SHA-256 with the key for logins. */
export const computeSignature = ({ auth }: KeySet, text: string) => createHmac('sha256', auth).update(text).digest();

/** Returns whether a signature, in base64 or base64url, was created with one of the accepted secrets. */
export function hasValidSignature({ accepted }: Keys, text: string, signature: string): boolean {
  const actual = Buffer.from(signature, 'base64');
  return accepted.some((keys) => {
    const expected = computeSignature(keys, text);
    return actual.length === expected.length && timingSafeEqual(actual, expected);
  });
}

/** Signs a session token for a cookie or a bearer header, in the format of better-auth. */
export const signLoginToken = ({ current }: Keys, token: string) =>
  `${token}.${computeSignature(current, token).toString('base64')}`;

/** Returns the session token; null when the signature is invalid. */
export function readLoginToken(keys: Keys, signed: string): string | null {
  const dot = signed.lastIndexOf('.');
  if (dot < 1) return null;
  const token = signed.slice(0, dot);
  return hasValidSignature(keys, token, signed.slice(dot + 1)) ? token : null;
}
