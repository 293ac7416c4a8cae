import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** Returns a new secret for a server on this machine. */
export const newToken = () => randomBytes(24).toString('base64url');

/** Compares a secret from a request with the expected one. Hashes have one length, so the response time reveals neither. */
export const isSameToken = (given: string, expected: string) => timingSafeEqual(hash(given), hash(expected));

const hash = (value: string) => createHash('sha256').update(value).digest();
