import { once } from 'node:events';
import { parse } from 'node:path';
import { authenticateBridge } from '@it0/api/agent/bridge/bridge-auth';
import { checkIn } from '@it0/api/agent/bridge/check-in';
import { enroll } from '@it0/api/agent/bridge/enroll';
import { recordResponses } from '@it0/api/agent/bridge/poll-transport';
import { AppError } from '@it0/api/errors';
import { limits } from '@it0/contracts/limits';
import {
  BridgeResponses,
  CHECK_IN_PATH,
  CheckIn,
  ENROLL_PATH,
  Enroll,
  RESPONSES_PATH,
} from '@it0/contracts/remote-bridge';
import { type Request, type RequestHandler, Router } from 'express';
import type { z } from 'zod';
import type { HttpDeps } from '../context.ts';
import { parseBearerToken } from '../header-values.ts';
import { readJson } from '../read-body.ts';
import { respond } from '../respond.ts';

/**
 * Serves the bridge package, and the enrollment, check-ins and responses of bridges on other hosts. Check-ins wait until
 * `stopping` aborts.
 */
export function createBridgeRoutes({ services, ingress }: HttpDeps, stopping: AbortSignal): RequestHandler {
  const router = Router();

  router.get('/bridge/:name.tgz', (_request, response, next) => {
    const { bridgePackage } = services;
    // Only the version that matches this server is available, so the requested one does not matter.
    if (!bridgePackage) return next();
    const { dir, base } = parse(bridgePackage.file);
    response.type('application/gzip').sendFile(base, { root: dir });
  });

  router.post(ENROLL_PATH, async (request, response) => {
    const input = await parseBody(request, Enroll, limits.requestBytes);
    respond(response, 200, await enroll(services, input, ingress.findClientAddress(request)));
  });

  router.post(CHECK_IN_PATH, async (request, response) => {
    const bridge = await authenticate(request);
    const report = await parseBody(request, CheckIn, limits.requestBytes);
    const disconnect = new AbortController();
    once(response, 'close').then(
      () => disconnect.abort(),
      () => {},
    );
    const end = AbortSignal.any([disconnect.signal, stopping]);
    respond(response, 200, await checkIn(services, bridge, report, end));
  });

  router.post(RESPONSES_PATH, async (request, response) => {
    const bridge = await authenticate(request);
    await recordResponses(services, bridge, await parseBody(request, BridgeResponses, limits.callbackBytes));
    respond(response, 200, {});
  });

  const authenticate = (request: Request) => {
    return authenticateBridge(services, parseBearerToken(request.headers) ?? '', ingress.findClientAddress(request));
  };
  return router;
}

/** Reads and parses a JSON body. Throws INVALID_INPUT. */
async function parseBody<T>(request: Request, schema: z.ZodType<T>, maxBytes: number): Promise<T> {
  const parsed = schema.safeParse(await readJson(request, maxBytes));
  if (parsed.success) return parsed.data;
  throw new AppError('INVALID_INPUT', 'The request does not match the expected schema.', { cause: parsed.error });
}
