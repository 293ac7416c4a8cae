import { createOpenApiDocument, listRestOperations } from '@it0/api/rest/document';
import { CALLBACK_PATH } from '@it0/contracts/bridge';
import type { ErrorResponse } from '@it0/contracts/error-response';
import { CHECK_IN_PATH, ENROLL_PATH, RESPONSES_PATH } from '@it0/contracts/remote-bridge';
import { createExpressApp } from '@it0/server/http/app';
import { createIngress } from '@it0/server/http/ingress';
import { DEFAULT_LIMITS } from '@it0/server/http/limits';
import type { Operations } from '@it0/server/http/routes/operations';
import { type Credentials, testApp, toAuthHeaders } from '@it0/tests/support/app';
import { restClient } from '@it0/tests/support/rest';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { type Asker, askers, type Cast, createActors } from './actors.ts';
import { ghostOf, isNobody, type Outcome, table } from './table.ts';

const operations = listRestOperations(createOpenApiDocument('/api/v1'));

/** Every address that is no procedure's, what is asked there, and its status for whom. */
const routes: Record<string, { ask?: RequestInit & { path?: string }; gets: (asker: Asker) => number }> = {
  '/healthz': { gets: () => 200 },
  '/readyz': { gets: () => 200 },
  // For this machine, which is where the test asks from; behind a token they are for whoever has it.
  '/metrics': { gets: () => 200 },
  '/api/v1/openapi.json': { gets: () => 200 },
  // For programs: what a browser keeps opens nothing there.
  '/mcp': { ask: { method: 'POST' }, gets: () => 401 },
  // Nothing is sent, which is told to whoever may send: everybody asks iAgent.
  '/api/v1/agent/attachments': {
    ask: { method: 'POST' },
    gets: (asker) => (isNobody(asker) ? 401 : 400),
  },
  '/api/v1/agent/attachments/:id': {
    ask: { path: '/api/v1/agent/attachments/none' },
    gets: (asker) => (isNobody(asker) ? 401 : 404),
  },
  '/bridge/:name.tgz': { ask: { path: '/bridge/none.tgz' }, gets: () => 404 },
  // Nothing is said, least of all a code.
  [ENROLL_PATH]: { ask: { method: 'POST' }, gets: () => 400 },
  // For bridges: nobody else is one.
  [CHECK_IN_PATH]: { ask: { method: 'POST' }, gets: () => 401 },
  [RESPONSES_PATH]: { ask: { method: 'POST' }, gets: () => 401 },
};
const isAuth = (path: string) => path.startsWith('/api/auth/');

type Layer = { route?: { path: string | string[] }; handle: { stack?: Layer[] } };
const pathsOf = (stack: Layer[]): string[] =>
  stack.flatMap(({ route, handle }) => (route ? route.path : pathsOf(handle.stack ?? [])));

test('every route has a row in the table, belongs to the identity provider, or is a procedure', async () => {
  await using app = await testApp({ oidc: { issuer: 'http://127.0.0.1:1', clientId: 'x', clientSecret: 'x' } });
  const known = { services: app.services, ingress: createIngress({}), limits: DEFAULT_LIMITS };
  const { router } = createExpressApp(known, {
    operations: {} as Operations,
    uploads: '',
    webDir: undefined,
  }) as unknown as {
    router: { stack: Layer[] };
  };
  const rest = operations.map(({ path }) => path.replaceAll(/\{(\w+)\}/g, ':$1'));
  const own = Object.keys(routes).map((path) => path.replace(/^\/api\/v1(?!\/agent\/(attachments|bridges))/, ''));
  const found = pathsOf(router.stack).filter((path) => !isAuth(path));
  expect([...new Set(found)].sort()).toEqual([...new Set([...own, ...rest])].sort());
});

test('every other route answers each actor as its row says', async () => {
  await using actors = await createActors();
  for (const [path, { ask, gets }] of Object.entries(routes)) {
    const statuses: Record<string, number> = {};
    for (const asker of askers) {
      const who = await actors.enter(asker);
      const response = await fetch(`${actors.app.url}${ask?.path ?? path}`, { ...ask, headers: toAuthHeaders(who) });
      statuses[asker] = response.status;
    }
    expect([path, statuses]).toEqual([path, Object.fromEntries(askers.map((asker) => [asker, gets(asker)]))]);
  }
});

test('a callback requires a capability, and the WebSocket opens without credentials', async () => {
  await using actors = await createActors();
  for (const asker of askers) {
    const headers = toAuthHeaders(await actors.enter(asker));
    const callback = await fetch(actors.app.url + CALLBACK_PATH, { method: 'POST', headers, body: '{}' });
    expect([asker, callback.status, await callback.json()]).toMatchObject([
      asker,
      401,
      { reason: 'CALLBACK_TOKEN_INVALID' },
    ]);
    const socket = new WebSocket(`${actors.app.url.replace('http', 'ws')}/ws/agent`, { headers });
    await new Promise((resolve, reject) => socket.on('open', resolve).on('error', reject));
    socket.terminate();
  }
});

for (const { path, method, procedure } of operations) {
  test(`${method.toUpperCase()} ${path} is for whom ${procedure} is for`, async () => {
    await using actors = await createActors();
    const row = table[procedure]!;
    const entered = await Promise.all(askers.map((asker) => actors.enter(asker)));
    const outcomes: Record<string, Outcome> = {};
    for (const [index, asker] of askers.entries()) {
      const input = (await row.input?.(actors.made)) ?? {};
      const ask = (given: object) => call(actors, entered[index]!, { path, method }, given as Record<string, string>);
      const answer = await ask(input);
      outcomes[asker] = answer.outcome;
      if (answer.outcome === 'ok') continue;
      expect(JSON.stringify(answer)).not.toContain('marker');
      if (/NOT_FOUND$/.test(answer.outcome)) expect([asker, await ask(ghostOf(input))]).toEqual([asker, answer]);
    }
    expect(outcomes).toEqual(Object.fromEntries(askers.map((asker) => [asker, row.gets(asker)])));
  });
}

type Route = { path: string; method: string };

async function call({ app }: Cast, who: Credentials, { path, method }: Route, input: Record<string, string>) {
  const inPath = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => input[name]!);
  const body = method === 'get' || method === 'delete' ? undefined : input;
  const answer = await restClient(app.url, toAuthHeaders(who))(method.toUpperCase(), inPath, body);
  const outcome: Outcome = answer.status < 300 ? 'ok' : (answer.body as ErrorResponse).reason;
  return { outcome, status: answer.status, body: outcome === 'ok' ? null : answer.body };
}
