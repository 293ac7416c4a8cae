import { redeemSignInLink } from '@it0/api/auth/sign-in';
import type { Services } from '@it0/api/context';
import { AppError } from '@it0/api/errors';
import type { RequestHandler } from 'express';
import { contextOf, cookieName } from './identity.ts';

/** The one-time link: turns its token into a session cookie and goes to the page. */
export const signInRoute =
  (services: Services): RequestHandler<{ token: string }> =>
  async (request, response) => {
    response.set('cache-control', 'no-store').set('referrer-policy', 'no-referrer');
    // A browser that looks ahead must not use up the link.
    if (request.method !== 'GET' || request.headers['sec-purpose']?.includes('prefetch')) {
      response.status(204).end();
      return;
    }
    try {
      const { token, expiresAt } = await redeemSignInLink(services.db, request.params.token);
      response.cookie(cookieName(services.keys), token, {
        httpOnly: true,
        sameSite: 'lax',
        secure: request.secure,
        expires: expiresAt,
      });
      response.redirect('/');
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      const { user } = await contextOf(services, request);
      response.redirect(user ? '/' : `/sign-in?reason=${error.reason}`);
    }
  };
