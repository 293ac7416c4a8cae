import { randomBytes } from 'node:crypto';
import type { Keys } from '../../keys.ts';
import { computeSignature, hasValidSignature } from '../login-token.ts';

const signedText = (id: string, email: string) => `device ${id} ${email.toLowerCase()}`;

/**
 * Creates a token for a browser in which a person has signed in. It does not expire and grants no access. Sign-in
 * attempts with it have a rate limit of their own, so that attempts from elsewhere cannot lock the person out.
 */
export function newDeviceToken({ current }: Keys, email: string): string {
  const id = randomBytes(16).toString('base64url');
  return `${id}.${computeSignature(current, signedText(id, email)).toString('base64url')}`;
}

/** Returns the id of the device; null for a token with another signature or of another account. */
export function readDeviceToken(keys: Keys, token: string | null, email: string): string | null {
  const [id, signature] = token?.split('.', 2) ?? [];
  return id && signature && hasValidSignature(keys, signedText(id, email), signature) ? id : null;
}
