import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** Creates a random secret of 256 bits in base64url, which are 43 characters. */
export const createToken = () => randomBytes(32).toString('base64url');

/**
 * Compares two secrets in constant time. Hashes have equal lengths, so that the time does not reveal the length either.
 */
export const isSameToken = (token: string, expected: string) => timingSafeEqual(hashToken(token), hashToken(expected));

/** Returns the SHA-256 of a token, for lookups that do not store it. */
export const hashToken = (token: string) => new Uint8Array(createHash('sha256').update(token).digest());
