import type { IncomingHttpHeaders } from 'node:http';

/** Returns the media type of the body in lower case, as RFC 9110 compares it, without its parameters. */
export const mediaTypeOf = (headers: IncomingHttpHeaders) =>
  headers['content-type']?.replace(/;.*/s, '').trim().toLowerCase();

/** Returns the bearer token that is shown; undefined when none is. The scheme is the same in any case. */
export const bearerTokenOf = (headers: IncomingHttpHeaders) => /^Bearer +(.+)$/i.exec(headers.authorization ?? '')?.[1];
