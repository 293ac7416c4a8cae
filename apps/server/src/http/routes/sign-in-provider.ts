import { SitePath, type Provider, type Redirect } from '@it0/api/auth/provider/provider';
import type { PublicContext } from '@it0/api/context';
import { AppError } from '@it0/api/errors';
import { type Request, type Response, Router } from 'express';
import { createContext, type HttpDeps } from '../context.ts';

/**
 * The way to an identity provider and back, which goes through the browser's address: what goes wrong on it is told
 * by the page. It is all of better-auth that can be reached; everything else is a procedure of the router, with our
 * checks before it.
 */
export function providerRoutes(known: HttpDeps) {
  const { provider, log } = known.services;
  const router = Router();
  if (!provider) return router;

  const going = (next: (ctx: PublicContext, provider: Provider, request: Request) => Promise<Redirect>) => {
    return async (request: Request, response: Response) => {
      response.set('cache-control', 'no-store').set('referrer-policy', 'no-referrer');
      const { services, caller } = await createContext(known, request, response);
      try {
        const { location, cookies } = await next({ ...services, caller }, provider, request);
        for (const cookie of cookies) response.appendHeader('set-cookie', cookie);
        response.redirect(location);
      } catch (error) {
        if (!(error instanceof AppError)) log.error({ err: error }, 'somebody could not sign in by the provider');
        response.redirect(`/sign-in?reason=${error instanceof AppError ? error.reason : 'INTERNAL'}`);
      }
    };
  };

  router.get(
    '/api/auth/sign-in/oidc',
    going((ctx, provider, { query }) => {
      const to = SitePath.safeParse(query.to ?? '/');
      if (!to.success) throw new AppError('INVALID_INPUT', 'This leads to another site.');
      return provider.start(ctx, to.data);
    }),
  );
  router.get(
    '/api/auth/callback/oidc',
    going((ctx, provider, { url, headers }) => {
      const search = url.includes('?') ? url.slice(url.indexOf('?')) : '';
      return provider.complete(ctx, { search, cookies: headers.cookie });
    }),
  );
  return router;
}
