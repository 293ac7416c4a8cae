import { AppError } from '@it0/api/errors';
import { toNodeHandler } from 'better-auth/node';
import type { RequestHandler } from 'express';
import { isForeign, type Known } from './identity.ts';

/**
 * What better-auth answers by itself: the way to an identity provider and back, which goes through the browser's
 * address. Everything else that it can do is a procedure of the router, with our checks before it.
 */
export const authPaths = [
  '/api/auth/sign-in/oauth2',
  '/api/auth/oauth2/callback/oidc',
  '/api/auth/expo-authorization-proxy',
];

export function authRoute({ services, front }: Known): RequestHandler {
  const handle = toNodeHandler(services.auth);
  return async (request, response) => {
    if (!services.signInWays.oidc) throw new AppError('NOT_FOUND', 'There is nothing here.');
    if (isForeign(front, request)) throw new AppError('ORIGIN_REFUSED', 'Another site may not use this one.');
    const ip = front.addressOf(request);
    await services.rateLimits.signUp({ ip });
    // Always overwritten: what a client says of itself here is not believed.
    request.headers['x-client-ip'] = ip;
    await handle(request, response);
  };
}
