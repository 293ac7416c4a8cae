import type { RequestListener } from 'node:http';
import { takeCallback } from '@it0/api/agent/dispatch/callback';
import { callbackTokens } from '@it0/api/agent/dispatch/callback-token';
import { AppError, tenantUnavailable } from '@it0/api/errors';
import { limits } from '@it0/contracts/limits';
import type { Metrics } from '../../metrics.ts';
import type { HttpDeps } from '../context.ts';
import { parseBearerToken } from '../header-values.ts';
import { readJson } from '../read-json.ts';
import { respond, respondError } from '../respond.ts';

/**
 * Where bridges report, the busiest route. Public: the capability in the token is all it asks for, and it is checked
 * before a byte of the body is read.
 */
export function callbackRoute({ services, ingress }: HttpDeps, metrics: Metrics): RequestListener {
  const { rateLimits, refusedTenants } = services;
  const tokens = callbackTokens(services.keys);
  return async (request, response) => {
    const startedAt = performance.now();
    try {
      const capability = await tokens.verify(parseBearerToken(request.headers) ?? '');
      if (!capability) {
        await rateLimits.badCallback(ingress.addressOf(request));
        throw new AppError('CALLBACK_TOKEN_INVALID', 'This token does not allow to report.');
      }
      rateLimits.callback(capability);
      if (refusedTenants.has(capability.tenantId)) throw tenantUnavailable();
      const body = await readJson(request, limits.callbackBytes);
      const { status, body: answered } = await takeCallback(services, capability, body);
      respond(response, status, answered);
    } catch (error) {
      respondError(services.log, request, response, error);
    }
    metrics.callback(performance.now() - startedAt, response.statusCode);
  };
}
