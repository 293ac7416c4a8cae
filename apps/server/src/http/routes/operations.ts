import type { IncomingMessage } from 'node:http';
import { AppError } from '@it0/api/errors';
import { isSameToken } from '@it0/node/token';
import { type RequestHandler, Router } from 'express';
import type { Metrics } from '../../metrics.ts';
import type { Readiness } from '../../readiness.ts';
import { parseBearerToken } from '../header-values.ts';

export type Operations = {
  readiness: () => Promise<Readiness>;
  /** Returns a warning about the disk of the data folder; null when it has room. */
  findDiskShortage: () => Promise<string | null>;
  metrics: Metrics;
  /** What `/metrics` asks for; without one it answers this machine alone. */
  metricsToken?: string;
};

/** For whoever watches this server: whether it runs, whether it can answer, and how it fares. */
export function operationsRoutes({ readiness, findDiskShortage, metrics, metricsToken }: Operations): RequestHandler {
  const router = Router();
  router.get('/healthz', (_request, response) => {
    response.json({ ok: true });
  });
  router.get('/readyz', async (_request, response) => {
    const wrong = Object.entries(await readiness()).filter(([, what]) => what !== null);
    // No 503: the server works, and only its agents run no command.
    const disk = await findDiskShortage();
    response
      .status(wrong.length > 0 ? 503 : 200)
      .json({ ready: wrong.length === 0, wrong: Object.fromEntries(wrong), ...(disk && { warnings: { disk } }) });
  });
  router.get('/metrics', async (request, response) => {
    const allowed = metricsToken
      ? isSameToken(parseBearerToken(request.headers) ?? '', metricsToken)
      : isThisMachine(request);
    if (!allowed) throw new AppError('NOT_FOUND', 'There is nothing here.');
    response.type(metrics.contentType).send(await metrics.text());
  });
  return router;
}

/**
 * Returns whether the request comes from this machine. Requests of a local proxy and of another host name are refused,
 * since a proxy forwards requests from elsewhere, and a foreign page can make its host name resolve to this machine.
 */
function isThisMachine({ socket, headers }: IncomingMessage): boolean {
  const proxied = headers['x-forwarded-for'] ?? headers.forwarded ?? headers.via;
  const name = URL.parse(`http://${headers.host}`)?.hostname ?? '';
  return !proxied && isLoopback(socket.remoteAddress ?? '') && (name === 'localhost' || isLoopback(name));
}

const isLoopback = (address: string) => /^(::ffff:)?127(\.\d{1,3}){3}$|^\[?::1]?$/.test(address);
