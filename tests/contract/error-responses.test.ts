import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { appRouter } from '@it0/api/router';
import { createBridge } from '@it0/bridge/bridge';
import type { Engine } from '@it0/bridge/engines/engine';
import { createBridgeApp } from '@it0/bridge/http';
import { CALLBACK_PATH } from '@it0/contracts/bridge';
import { ErrorResponse } from '@it0/contracts/error-response';
import { limits } from '@it0/contracts/limits';
import { createExpressApp } from '@it0/server/http/app';
import { createIngress } from '@it0/server/http/ingress';
import { DEFAULT_LIMITS } from '@it0/server/http/limits';
import type { Operations } from '@it0/server/http/routes/operations';
import { createFixture } from '@it0/tests/support/fixture';
import { listRoutePaths } from '@it0/tests/support/route-paths';
import pino from 'pino';
import { expect, test } from 'vitest';

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];
const SECRET = 'a secret of some length';
const ErrorBody = ErrorResponse.strict();

type Garbage = { method: string; headers: Record<string, string>; body?: string };

/** Builds wrong requests: every method, no and wrong credentials, another origin, and bodies and types of all kinds. */
function listGarbage(authorization: string, maxBytes: number): Garbage[] {
  const json = { authorization, 'content-type': 'application/json' };
  const wrongCredentials: Record<string, string>[] = [{}, { authorization: 'Bearer wrong' }, { 'x-api-key': 'wrong' }];
  const bodies = ['{"', '', 'null', '[]', '{}', `"${'x'.repeat(maxBytes)}"`];
  return [
    ...METHODS.map((method) => ({ method, headers: { authorization } })),
    ...wrongCredentials.flatMap((headers) => ['GET', 'POST'].map((method) => ({ method, headers }))),
    ...bodies.map((body) => ({ method: 'POST', headers: json, body })),
    ...['text/plain', 'multipart/form-data', 'x'].map((type) => ({
      ...{ method: 'POST', body: '{}', headers: { authorization, 'content-type': type } },
    })),
    { method: 'POST', headers: { origin: 'https://evil.example', 'content-type': 'application/json' }, body: '{}' },
  ];
}

/** Sends each request to each path. Expects every error to have the one shape. Returns the statuses of the errors. */
async function expectOneShape(url: string, paths: string[], garbage: Garbage[], unwrap = (body: unknown) => body) {
  const statuses = new Set<number>();
  for (const path of paths) {
    for (const { method, headers, body } of garbage) {
      const response = await fetch(url + path, { method, headers, body, redirect: 'manual' });
      const received = await response.text();
      if (response.status < 400 || (path === '/readyz' && response.status === 503)) continue;
      statuses.add(response.status);
      const problem = ErrorBody.safeParse(unwrap(JSON.parse(received))).error;
      expect([method, path, headers, response.status, problem]).toEqual([
        method,
        path,
        headers,
        response.status,
        undefined,
      ]);
    }
  }
  return [...statuses].sort();
}

const fillPath = (path: string) => path.replaceAll(/:\w+/g, () => randomUUID());

test('every error of every route of the server has the one shape', async () => {
  await using world = await createFixture({ limits: { callsPerMinute: 1_000_000 } });
  const { app, user } = world;
  const { router } = createExpressApp(
    { services: app.services, ingress: createIngress({}), limits: DEFAULT_LIMITS },
    { operations: {} as Operations, stopping: new AbortController().signal, uploads: '', webDir: undefined },
  );
  // The REST routes are registered without their prefix.
  const registered = listRoutePaths(router).map((path) => fillPath(path.replace(/^\/(agent|auth)\//, '/api/v1$&')));
  const wrong = [
    '/nothing',
    '/api/v1/nothing',
    '/api/v1/agent/instances/%',
    '/trpc',
    '/ws/agent',
    '/assets/none',
    '/%',
  ];
  const paths = [...registered, CALLBACK_PATH, ...wrong];
  const garbage = listGarbage(`Bearer ${user.bearer}`, limits.requestBytes);
  const statuses = await expectOneShape(app.url, paths, garbage, (body) =>
    // MCP has errors of its own, for callers whose credentials are valid.
    isJsonRpc(body) ? { reason: 'INVALID_INPUT', message: body.error.message } : body,
  );
  expect(statuses).toEqual(expect.arrayContaining([400, 401, 403, 404, 405, 413, 415]));
});

const isJsonRpc = (body: unknown): body is { error: { message: string } } =>
  typeof body === 'object' && body !== null && 'jsonrpc' in body;

test('every error of every procedure has the same fields in the envelope of tRPC', async () => {
  await using world = await createFixture({ limits: { callsPerMinute: 1_000_000 } });
  const names = Object.keys(appRouter._def.procedures).filter((name) => name !== 'auth.signOut');
  const paths = [...names, '', 'no.such'].map((name) => `/trpc/${name}`);
  const garbage = listGarbage(`Bearer ${world.user.bearer}`, limits.requestBytes).filter(
    ({ headers }) => !('origin' in headers),
  );
  await expectOneShape(world.app.url, paths, garbage, (body) => {
    const { message, data } = (body as { error: { message: string; data: Record<string, unknown> } }).error;
    const { code: _, httpStatus: __, path: ___, ...fields } = data;
    return { message, ...fields };
  });
});

/** Starts a bridge whose engine never runs a task. */
async function startBridge() {
  const dir = mkdtempSync(join(tmpdir(), 'bridge-'));
  const engine: Engine = {
    health: () => ({
      ...{ ready: false, engine: { version: null, connected: false }, detail: 'starting' },
      model: { name: 'none', scripted: true },
    }),
    run: () => new Promise(() => {}),
    async [Symbol.asyncDispose]() {},
  };
  const log = pino({ level: 'silent' });
  const bridge = await createBridge({
    dir,
    host: '127.0.0.1',
    port: 0,
    secret: SECRET,
    log,
    createEngine: () => engine,
  });
  return {
    url: bridge.url,
    async [Symbol.asyncDispose]() {
      await bridge.close();
      rmSync(dir, { recursive: true });
    },
  };
}

test('every error of every route of the bridge has the one shape', async () => {
  await using bridge = await startBridge();
  const { router } = createBridgeApp({ secret: SECRET } as Parameters<typeof createBridgeApp>[0]);
  const paths = [...listRoutePaths(router).map(fillPath), '/nothing', '/task-async/%'];
  const statuses = await expectOneShape(bridge.url, paths, listGarbage(`Bearer ${SECRET}`, limits.taskBytes));
  expect(statuses).toEqual([400, 401, 404, 413]);
});

test('requests that no route receives are refused with the one shape by the server and the bridge', async () => {
  await using world = await createFixture();
  await using bridge = await startBridge();
  const get = 'GET / HTTP/1.1\r\nhost: localhost\r\n';
  const upgrade = 'connection: upgrade\r\nupgrade: websocket\r\n';
  const ws = `GET /ws/agent HTTP/1.1\r\nhost: localhost\r\n${upgrade}`;
  const both: [string, number][] = [
    ['nonsense\r\n\r\n', 400],
    [`${get}x: ${'x'.repeat(16_500)}\r\n\r\n`, 431],
    [`${get}expect: nothing\r\n\r\n`, 417],
  ];
  const ofServer: [string, number][] = [
    [`${get}${upgrade}\r\n`, 404],
    [`${ws}\r\n`, 400],
    [`${ws}origin: https://evil.example\r\n\r\n`, 403],
  ];
  for (const [url, requests] of [
    [world.app.url, [...both, ...ofServer]],
    [bridge.url, both],
  ] as const) {
    for (const [request, status] of requests) {
      const { hostname, port } = new URL(url);
      const socket = connect(Number(port), hostname);
      socket.write(request);
      const [head = '', body = ''] = (await text(socket)).split('\r\n\r\n');
      expect([request.slice(0, 200), head]).toEqual([
        request.slice(0, 200),
        expect.stringContaining(`HTTP/1.1 ${status} `),
      ]);
      expect(ErrorBody.safeParse(JSON.parse(body)).error).toBeUndefined();
    }
  }
});
