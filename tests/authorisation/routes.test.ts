import { randomUUID } from 'node:crypto';
import { createOpenApiDocument, listRestOperations, type RestOperation } from '@it0/api/rest/document';
import { CALLBACK_PATH } from '@it0/contracts/bridge';
import type { ErrorResponse } from '@it0/contracts/error-response';
import { CHECK_IN_PATH, ENROLL_PATH, RESPONSES_PATH } from '@it0/contracts/remote-bridge';
import { TRANSCRIPTIONS_PATH } from '@it0/contracts/transcription';
import { createExpressApp } from '@it0/server/http/app';
import { createIngress } from '@it0/server/http/ingress';
import { DEFAULT_LIMITS } from '@it0/server/http/limits';
import type { Operations } from '@it0/server/http/routes/operations';
import { type Credentials, testApp, toAuthHeaders } from '@it0/tests/support/app';
import { callOperation, restClient } from '@it0/tests/support/rest';
import { listRoutePaths } from '@it0/tests/support/route-paths';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { type Actors, type Caller, callers, createActors, startTwoTenants, type TwoTenants } from './actors.ts';
import { isSignedOut, type Outcome, replaceIds, table } from './table.ts';

let tenants: TwoTenants;
beforeAll(async () => {
  tenants = await startTwoTenants();
});
afterAll(() => tenants?.[Symbol.asyncDispose]());

const operations = listRestOperations(createOpenApiDocument('/api/v1'));

/** Every route that is not a procedure, with a request and its status for each caller. */
const routes: Record<string, { ask?: RequestInit & { path?: string }; gets: (caller: Caller) => number }> = {
  '/healthz': { gets: () => 200 },
  '/readyz': { gets: () => 200 },
  // Open to this machine, from which the test calls.
  '/metrics': { gets: () => 200 },
  '/api/v1/openapi.json': { gets: () => 200 },
  // Does not accept cookies or logins.
  '/mcp': { ask: { method: 'POST' }, gets: () => 401 },
  // An empty upload is invalid. Every member may upload, since every member may use iAgent.
  '/api/v1/agent/attachments': {
    ask: { method: 'POST' },
    gets: (caller) => (isSignedOut(caller) ? 401 : 400),
  },
  '/api/v1/agent/attachments/:id': {
    ask: { path: '/api/v1/agent/attachments/none' },
    gets: (caller) => (isSignedOut(caller) ? 401 : 404),
  },
  // No configuration of speech recognition here, and no recording in the body.
  [TRANSCRIPTIONS_PATH]: {
    ask: { method: 'POST', path: `${TRANSCRIPTIONS_PATH}?language=en` },
    gets: (caller) => (isSignedOut(caller) ? 401 : 415),
  },
  '/api/v1/agent/sessions/:id/export': {
    ask: { path: `/api/v1/agent/sessions/${randomUUID()}/export?format=json` },
    gets: (caller) => (isSignedOut(caller) ? 401 : 404),
  },
  '/bridge/:name.tgz': { ask: { path: '/bridge/none.tgz' }, gets: () => 404 },
  // An empty body is invalid.
  [ENROLL_PATH]: { ask: { method: 'POST' }, gets: () => 400 },
  // For bridges only.
  [CHECK_IN_PATH]: { ask: { method: 'POST' }, gets: () => 401 },
  [RESPONSES_PATH]: { ask: { method: 'POST' }, gets: () => 401 },
};
const isAuth = (path: string) => path.startsWith('/api/auth/');

test('every route has a row in the table, belongs to the identity provider, or is a procedure', async () => {
  await using app = await testApp({ oidc: { issuer: 'http://127.0.0.1:1', clientId: 'x', clientSecret: 'x' } });
  const deps = { services: app.services, ingress: createIngress({}), limits: DEFAULT_LIMITS };
  const { router } = createExpressApp(deps, {
    operations: {} as Operations,
    stopping: new AbortController().signal,
    uploads: '',
    webDir: undefined,
  });
  const rest = operations.map(({ path }) => path.replaceAll(/\{(\w+)\}/g, ':$1'));
  const listed = Object.keys(routes).map((path) =>
    path.replace(/^\/api\/v1(?!\/(agent\/(attachments|bridges|sessions)|voice\/transcriptions))/, ''),
  );
  const registered = listRoutePaths(router).filter((path) => !isAuth(path));
  expect([...new Set(registered)].sort()).toEqual([...new Set([...listed, ...rest])].sort());
});

test('every other route answers each actor as its row says', async () => {
  const actors = await createActors(tenants);
  for (const [path, { ask, gets }] of Object.entries(routes)) {
    const statuses: Record<string, number> = {};
    for (const caller of callers) {
      const credentials = await actors.enter(caller);
      const response = await fetch(`${actors.app.url}${ask?.path ?? path}`, {
        ...ask,
        headers: toAuthHeaders(credentials),
      });
      statuses[caller] = response.status;
    }
    expect([path, statuses]).toEqual([path, Object.fromEntries(callers.map((caller) => [caller, gets(caller)]))]);
  }
});

test('a callback requires a capability, and the WebSocket opens without credentials', async () => {
  const actors = await createActors(tenants);
  for (const caller of callers) {
    const headers = toAuthHeaders(await actors.enter(caller));
    const callback = await fetch(actors.app.url + CALLBACK_PATH, { method: 'POST', headers, body: '{}' });
    expect([caller, callback.status, await callback.json()]).toMatchObject([
      caller,
      401,
      { reason: 'CALLBACK_TOKEN_INVALID' },
    ]);
    const socket = new WebSocket(`${actors.app.url.replace('http', 'ws')}/ws/agent`, { headers });
    await new Promise((resolve, reject) => socket.on('open', resolve).on('error', reject));
    socket.terminate();
  }
});

for (const operation of operations) {
  const { path, method, procedure } = operation;
  test(`${method.toUpperCase()} ${path} answers each caller like ${procedure}`, async () => {
    const actors = await createActors(tenants);
    const row = table[procedure]!;
    const logins = await Promise.all(callers.map((caller) => actors.enter(caller)));
    const outcomes: Record<string, Outcome> = {};
    for (const [index, caller] of callers.entries()) {
      const input = (await row.input?.(actors.inputs)) ?? {};
      const ask = (values: object) => call(actors, logins[index]!, operation, values);
      const result = await ask(input);
      outcomes[caller] = result.outcome;
      if (result.outcome === 'ok') continue;
      expect(JSON.stringify(result)).not.toContain('marker');
      if (/NOT_FOUND$/.test(result.outcome)) expect([caller, await ask(replaceIds(input))]).toEqual([caller, result]);
    }
    expect(outcomes).toEqual(Object.fromEntries(callers.map((caller) => [caller, row.gets(caller)])));
  });
}

async function call({ app }: Actors, credentials: Credentials, operation: RestOperation, input: object) {
  const result = await callOperation(restClient(app.url, toAuthHeaders(credentials)), operation, input);
  const outcome: Outcome = result.status < 300 ? 'ok' : (result.body as ErrorResponse).reason;
  return { outcome, status: result.status, body: outcome === 'ok' ? null : result.body };
}
