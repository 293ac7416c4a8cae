import type { RequestListener } from 'node:http';
import { handleCallback } from '@it0/api/agent/dispatch/callback';
import { createTokenVerifier } from '@it0/api/agent/dispatch/callback-token';
import { AppError, tenantUnavailable } from '@it0/api/errors';
import { limits } from '@it0/contracts/limits';
import type { Metrics } from '../../metrics.ts';
import type { HttpDeps } from '../context.ts';
import { parseBearerToken } from '../header-values.ts';
import { readJson } from '../read-json.ts';
import { respond, respondError } from '../respond.ts';

/**
 * Handles the callbacks of bridges, the busiest route. The token is the only authentication, and it is verified before
 * the body is read.
 */
export function createCallbackRoute({ services, ingress }: HttpDeps, metrics: Metrics): RequestListener {
  const { rateLimits, refusedTenants } = services;
  const tokens = createTokenVerifier(services.keys);
  return async (request, response) => {
    const startedAt = performance.now();
    try {
      const capability = await tokens.verify(parseBearerToken(request.headers) ?? '');
      if (!capability) {
        await rateLimits.badCallback(ingress.findClientAddress(request));
        throw new AppError('CALLBACK_TOKEN_INVALID', 'This callback token is invalid.');
      }
      rateLimits.callback(capability);
      if (refusedTenants.has(capability.tenantId)) throw tenantUnavailable();
      const body = await readJson(request, limits.callbackBytes);
      const { status, body: result } = await handleCallback(services, capability, body);
      respond(response, status, result);
    } catch (error) {
      respondError(services.log, request, response, error);
    }
    metrics.recordCallback(performance.now() - startedAt, response.statusCode);
  };
}
