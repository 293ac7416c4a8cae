import { timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/** Returns the media type of the body without parameters, in lower case, since RFC 9110 compares it in any case. */
export const mediaTypeOf = (headers: IncomingHttpHeaders) =>
  headers['content-type']?.replace(/;.*/s, '').trim().toLowerCase();

/** Returns the bearer token, or undefined without one. The scheme is case-insensitive. */
export const bearerTokenOf = (headers: IncomingHttpHeaders) => /^Bearer +(.+)$/i.exec(headers.authorization ?? '')?.[1];

/** Returns whether a header has the value of a secret, in constant time. */
export function isSecret(given: string | string[] | undefined, secret: string) {
  const [one, other] = [Buffer.from(String(given ?? '')), Buffer.from(secret)];
  return one.length === other.length && timingSafeEqual(one, other);
}
