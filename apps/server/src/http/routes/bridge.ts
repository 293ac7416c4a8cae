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
import { readJson } from '../read-json.ts';
import { respond } from '../respond.ts';

/** Where bridges on other hosts enroll, check in, and answer; and where they come from. */
export function bridgeRoutes({ services, ingress }: HttpDeps): RequestHandler {
  const router = Router();

  router.get('/bridge/:name.tgz', (_request, response, next) => {
    const { bridgePackage } = services;
    // Whatever version was asked for, this is the one that fits.
    if (!bridgePackage) return next();
    const { dir, base } = parse(bridgePackage.file);
    response.type('application/gzip').sendFile(base, { root: dir });
  });

  router.post(ENROLL_PATH, async (request, response) => {
    const input = await read(request, Enroll, limits.requestBytes);
    respond(response, 200, await enroll(services, input, ingress.addressOf(request)));
  });

  router.post(CHECK_IN_PATH, async (request, response) => {
    const bridge = await known(request);
    const told = await read(request, CheckIn, limits.requestBytes);
    const gone = new AbortController();
    once(response, 'close').then(
      () => gone.abort(),
      () => {},
    );
    respond(response, 200, await checkIn(services, bridge, told, gone.signal));
  });

  router.post(RESPONSES_PATH, async (request, response) => {
    const bridge = await known(request);
    await recordResponses(services, bridge, await read(request, BridgeResponses, limits.callbackBytes));
    respond(response, 200, {});
  });

  const known = (request: Request) => {
    return authenticateBridge(services, parseBearerToken(request.headers) ?? '', ingress.addressOf(request));
  };
  return router;
}

async function read<T>(request: Request, expected: z.ZodType<T>, most: number): Promise<T> {
  const parsed = expected.safeParse(await readJson(request, most));
  if (parsed.success) return parsed.data;
  throw new AppError('INVALID_INPUT', 'The request is not what is expected here.', { cause: parsed.error });
}
