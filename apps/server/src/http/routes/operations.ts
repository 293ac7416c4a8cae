import type { IncomingMessage } from 'node:http';
import { AppError } from '@it0/api/errors';
import { isSameToken } from '@it0/node/token';
import { type RequestHandler, Router } from 'express';
import type { Metrics } from '../../metrics.ts';
import type { Readiness } from '../../readiness.ts';
import { parseBearerToken } from '../header-values.ts';

export const HEALTH_PATH = '/healthz';

export type Operations = {
  readiness: () => Promise<Readiness>;
  /** Aborts when the server begins to stop. It is not ready then, so that load balancers send requests elsewhere. */
  draining: AbortSignal;
  /** Returns a warning about the disk of the data folder; null when it has enough free space. */
  findDiskShortage: () => Promise<string | null>;
  metrics: Metrics;
  /** Bearer token for `/metrics`. Without it, `/metrics` responds only to this machine. */
  metricsToken?: string;
};

/** Serves the health check, the readiness check and the metrics. */
export function createOperationsRoutes({
  readiness,
  draining,
  findDiskShortage,
  metrics,
  metricsToken,
}: Operations): RequestHandler {
  const router = Router();
  router.get(HEALTH_PATH, (_request, response) => {
    response.json({ ok: true });
  });
  router.get('/readyz', async (_request, response) => {
    const stop = draining.aborted ? 'It is being stopped.' : null;
    const problems = Object.entries({ ...(await readiness()), stop }).filter(([, problem]) => problem !== null);
    // No 503, since the server works. Only its agents cannot run commands.
    const disk = await findDiskShortage();
    response
      .status(problems.length > 0 ? 503 : 200)
      .json({ ready: problems.length === 0, wrong: Object.fromEntries(problems), ...(disk && { warnings: { disk } }) });
  });
  router.get('/metrics', async (request, response) => {
    const allowed = metricsToken
      ? isSameToken(parseBearerToken(request.headers) ?? '', metricsToken)
      : isThisMachine(request);
    if (!allowed) throw new AppError('NOT_FOUND', 'Not found.');
    response.type(metrics.contentType).send(await metrics.text());
  });
  return router;
}

/**
 * Returns whether the request comes from this machine. Requests of a local proxy and of another host name are refused,
 * since a proxy forwards requests from elsewhere, and a foreign page can make its host name resolve to this machine.
 */
function isThisMachine({ socket, headers }: IncomingMessage): boolean {
  const isProxied = headers['x-forwarded-for'] ?? headers.forwarded ?? headers.via;
  const name = URL.parse(`http://${headers.host}`)?.hostname ?? '';
  return !isProxied && isLoopback(socket.remoteAddress ?? '') && (name === 'localhost' || isLoopback(name));
}

const isLoopback = (address: string) => /^(::ffff:)?127(\.\d{1,3}){3}$|^\[?::1]?$/.test(address);
