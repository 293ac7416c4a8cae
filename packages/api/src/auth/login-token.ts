import { createHmac, timingSafeEqual } from 'node:crypto';
import type { KeySet, Keys } from './keys.ts';

export const computeSignature = ({ auth }: KeySet, text: string) => createHmac('sha256', auth).update(text).digest();

/** Whether a signature, in base64 of either kind, was made here, under one of the secrets that are accepted. */
export function hasValidSignature({ accepted }: Keys, text: string, signature: string): boolean {
  const given = Buffer.from(signature, 'base64');
  return accepted.some((keys) => {
    const expected = computeSignature(keys, text);
    return given.length === expected.length && timingSafeEqual(given, expected);
  });
}

/** What a cookie or a bearer header carries: the session's token and better-auth's signature of it. */
export const signLoginToken = ({ current }: Keys, token: string) =>
  `${token}.${computeSignature(current, token).toString('base64')}`;

/** The session's token; null when it was not signed here. */
export function readLoginToken(keys: Keys, signed: string): string | null {
  const dot = signed.lastIndexOf('.');
  if (dot < 1) return null;
  const token = signed.slice(0, dot);
  return hasValidSignature(keys, token, signed.slice(dot + 1)) ? token : null;
}
