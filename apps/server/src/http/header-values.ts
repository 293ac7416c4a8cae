import type { IncomingHttpHeaders } from 'node:http';

/** Returns the media type of the body without parameters, in lower case, since RFC 9110 compares it in any case. */
export const parseMediaType = (headers: IncomingHttpHeaders) =>
  headers['content-type']?.replace(/;.*/s, '').trim().toLowerCase();

/** Returns the bearer token, or undefined without one. The scheme is case-insensitive. */
export const parseBearerToken = (headers: IncomingHttpHeaders) =>
  /^Bearer +(.+)$/i.exec(headers.authorization ?? '')?.[1];
