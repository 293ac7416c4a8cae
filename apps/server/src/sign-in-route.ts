import { redeemSignInLink } from '@it0/api/auth/sign-in-link';
import { AppError } from '@it0/api/errors';
import type { RequestHandler } from 'express';
import { contextOf, type Known } from './identity.ts';

/** The one-time link: turns its token into a login and goes to the page. */
export const signInRoute =
  (known: Known): RequestHandler<{ token: string }> =>
  async (request, response) => {
    response.set('cache-control', 'no-store').set('referrer-policy', 'no-referrer');
    // A browser that looks ahead must not use up the link.
    if (request.method !== 'GET' || request.headers['sec-purpose']?.includes('prefetch')) {
      response.status(204).end();
      return;
    }
    const { services, caller, person } = await contextOf(known, request, response);
    try {
      await redeemSignInLink({ ...services, caller }, request.params.token);
      response.redirect('/');
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      response.redirect(person ? '/' : `/sign-in?reason=${error.reason}`);
    }
  };
