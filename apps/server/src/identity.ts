import type { IncomingMessage } from 'node:http';
import { findUserByToken } from '@it0/api/auth/sign-in';
import type { Context, Services } from '@it0/api/context';
import { parseCookie } from 'cookie';

/** Browsers share cookies among all ports of a host, so servers side by side need names of their own. */
export const cookieName = ({ keys }: Services) => `it0_session_${keys.callback.kid}`;

/** Who asks, by the session cookie; the same for http and the WebSocket. */
export async function contextOf(services: Services, request: IncomingMessage): Promise<Context> {
  const token = parseCookie(request.headers.cookie ?? '')[cookieName(services)];
  return { services, user: await findUserByToken(services.db, token) };
}

/**
 * A browser says which page makes it ask. Another site's page may not use this one's cookie: not to change something,
 * and not to open a WebSocket.
 */
export function isForeign({ headers }: IncomingMessage): boolean {
  if (!headers.origin) return false;
  return !URL.canParse(headers.origin) || new URL(headers.origin).host !== headers.host;
}
