import type { PublicContext } from '@it0/api/auth/auth-services';
import { type Provider, type Redirect, SitePath } from '@it0/api/auth/provider/provider';
import { AppError } from '@it0/api/errors';
import { type Request, type Response, Router } from 'express';
import { createContext, type HttpDeps } from '../context.ts';

/**
 * Serves the redirects to an identity provider and back. Errors redirect to the sign-in page, which displays them. No
 * other part of better-auth is reachable: everything else is a procedure of the router, behind our checks.
 */
export function createProviderRoutes(deps: HttpDeps) {
  const { provider, log } = deps.services;
  const router = Router();
  if (!provider) return router;

  const redirectTo = (next: (ctx: PublicContext, provider: Provider, request: Request) => Promise<Redirect>) => {
    return async (request: Request, response: Response) => {
      response.set('cache-control', 'no-store').set('referrer-policy', 'no-referrer');
      const { services, caller } = await createContext(deps, request, response);
      try {
        const { location, cookies } = await next({ ...services, caller }, provider, request);
        for (const cookie of cookies) response.appendHeader('set-cookie', cookie);
        response.redirect(location);
      } catch (error) {
        if (!(error instanceof AppError)) log.error({ err: error }, 'a sign-in with the identity provider failed');
        response.redirect(`/sign-in?reason=${error instanceof AppError ? error.reason : 'INTERNAL'}`);
      }
    };
  };

  router.get(
    '/api/auth/sign-in/oidc',
    redirectTo((ctx, provider, { query }) => {
      const to = SitePath.safeParse(query.to ?? '/');
      if (!to.success) throw new AppError('INVALID_INPUT', 'The redirect target is on another site.');
      return provider.start(ctx, to.data);
    }),
  );
  router.get(
    '/api/auth/callback/oidc',
    redirectTo((ctx, provider, { url, headers }) => {
      const search = url.includes('?') ? url.slice(url.indexOf('?')) : '';
      return provider.complete(ctx, { search, cookies: headers.cookie });
    }),
  );
  return router;
}
