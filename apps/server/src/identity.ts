import type { IncomingMessage } from 'node:http';
import type { Keys } from '@it0/api/auth/keys';
import type { Context, Services } from '@it0/api/context';
import { parseCookie } from 'cookie';

/** Browsers share cookies among all ports of a host, so servers side by side need names of their own. */
export const cookieName = ({ callback }: Keys) => `it0_session_${callback.kid}`;

/** Who asks, by the session cookie; the same for http and the WebSocket. */
export async function contextOf(services: Services, request: IncomingMessage): Promise<Context> {
  const cookies = parseCookie(request.headers.cookie ?? '');
  const { before } = services.keys;
  const token = cookies[cookieName(services.keys)] ?? (before ? cookies[cookieName(before)] : undefined);
  return { services, user: await services.findUser(token) };
}

/**
 * A browser says which page makes it ask. Another site's page may not use this one's cookie: not to change something,
 * and not to open a WebSocket.
 */
export function isForeign({ headers }: IncomingMessage): boolean {
  if (!headers.origin) return false;
  return !URL.canParse(headers.origin) || new URL(headers.origin).host !== headers.host;
}
