import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export type GateRequest = { method: string; path: string; headers: Record<string, string>; body: string };
/** `silence`: no response. `hang up`: the connection is closed. `garbage`: random bytes. */
export type GateResponse =
  | { status: number; body: string; headers?: Record<string, string> }
  | 'silence'
  | 'hang up'
  | 'garbage';
export type Forward = (request?: Partial<GateRequest>) => Promise<GateResponse>;
export type Behavior = (request: GateRequest, forward: Forward) => Promise<GateResponse>;
export type HttpGate = Awaited<ReturnType<typeof httpGate>>;

/** Starts a proxy between two processes, with a replaceable behavior. It forwards the rewritten requests by default. */
export async function httpGate(target: () => string, rewrite = (request: GateRequest) => request) {
  let behave: Behavior = (_, forward) => forward();
  const server = createServer(async (req, res) => {
    const { method = 'GET', url: path = '/' } = req;
    const body = await text(req).catch(() => null);
    if (body === null) return;
    const request = rewrite({ method, path, headers: ownHeaders(req.headers), body });
    const response = await behave(request, (change) => forwardTo(target(), { ...request, ...change }));
    if (response === 'hang up') return void res.destroy();
    if (response === 'silence') return;
    if (response === 'garbage') return void res.socket?.end(randomBytes(200));
    res.writeHead(response.status, { 'content-type': 'application/json', ...response.headers }).end(response.body);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    set behavior(value: Behavior | null) {
      behave = value ?? ((_, forward) => forward());
    },
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function forwardTo(target: string, { method, path, headers, body }: GateRequest): Promise<GateResponse> {
  try {
    const sent = method === 'GET' || method === 'HEAD' ? undefined : body;
    const response = await fetch(target + path, { method, headers, body: sent, signal: AbortSignal.timeout(30_000) });
    const retryAfter = response.headers.get('retry-after');
    return {
      status: response.status,
      body: await response.text(),
      headers: retryAfter ? { 'retry-after': retryAfter } : {},
    };
  } catch {
    return 'hang up';
  }
}

const ownHeaders = ({ authorization = '', 'content-type': type = 'application/json' }: IncomingHttpHeaders) => ({
  authorization,
  'content-type': type,
});
