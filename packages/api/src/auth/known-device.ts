import { randomBytes } from 'node:crypto';
import type { Keys } from './keys.ts';
import { isSigned, signatureOf } from './login-token.ts';

const signed = (id: string, email: string) => `device ${id} ${email.toLowerCase()}`;

/**
 * What a browser keeps after somebody signed in there, for as long as it likes. It opens nothing: tries from that device
 * are counted on their own, so that nobody who tries the same account from elsewhere keeps its person out.
 */
export function newDeviceToken({ current }: Keys, email: string): string {
  const id = randomBytes(16).toString('base64url');
  return `${id}.${signatureOf(current, signed(id, email)).toString('base64url')}`;
}

/** The device's id; null for a token that was not made here, or for another account. */
export function readDeviceToken(keys: Keys, token: string | null, email: string): string | null {
  const [id, signature] = token?.split('.', 2) ?? [];
  return id && signature && isSigned(keys, signed(id, email), signature) ? id : null;
}
