import type { RequestListener } from 'node:http';
import { handleCallback } from '@it0/api/agent/dispatch/callback';
import { callbackTokenInvalid, createTokenVerifier } from '@it0/api/agent/dispatch/callback-token';
import { tenantUnavailable } from '@it0/api/errors';
import { limits } from '@it0/contracts/limits';
import type { RequestReason } from '@it0/contracts/reasons';
import type { Metrics } from '../../metrics.ts';
import type { HttpDeps } from '../context.ts';
import { parseBearerToken } from '../header-values.ts';
import { readJson } from '../read-body.ts';
import { respond, respondError } from '../respond.ts';

/**
 * Statuses that differ from those of other routes, for bodies that arrived as JSON: a bridge stops the task at 410, and
 * replaces the report at 422. A body that was damaged on the way is sent again.
 */
const STATUSES = { TASK_ENDED: 410, INVALID_INPUT: 422 } satisfies Partial<Record<RequestReason, number>>;

/**
 * Handles the callbacks of bridges, the busiest route. The token is the only authentication, and it is verified before
 * the body is read.
 */
export function createCallbackRoute({ services, ingress }: HttpDeps, metrics: Metrics): RequestListener {
  const { rateLimits, refusedTenants } = services;
  const tokens = createTokenVerifier(services.keys);
  return async (request, response) => {
    const startedAt = performance.now();
    let statuses = {};
    try {
      const capability = await tokens.verify(parseBearerToken(request.headers) ?? '');
      if (!capability) {
        await rateLimits.badCallback(ingress.findClientAddress(request));
        throw callbackTokenInvalid();
      }
      rateLimits.callback(capability);
      if (refusedTenants.has(capability.tenantId)) throw tenantUnavailable();
      const body = await readJson(request, limits.callbackBytes);
      statuses = STATUSES;
      respond(response, 200, await handleCallback(services, capability, body));
    } catch (error) {
      respondError(services.log, response, error, statuses);
    }
    metrics.recordCallback(performance.now() - startedAt, response.statusCode);
  };
}
