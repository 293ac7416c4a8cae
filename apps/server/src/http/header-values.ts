import type { IncomingHttpHeaders } from 'node:http';

/** Returns the media type of the body in lower case and without parameters. Media types are case-insensitive. */
export const parseMediaType = (headers: IncomingHttpHeaders) =>
  headers['content-type']?.replace(/;.*/s, '').trim().toLowerCase();

/** Returns the bearer token, or undefined without one. The scheme is case-insensitive. */
export const parseBearerToken = (headers: IncomingHttpHeaders) =>
  /^Bearer +(.+)$/i.exec(headers.authorization ?? '')?.[1];
