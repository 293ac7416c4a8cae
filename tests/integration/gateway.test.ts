import { randomUUID } from 'node:crypto';
import { CALLBACK_PATH, type TaskRequest } from '@it0/contracts/bridge';
import { limits } from '@it0/contracts/limits';
import { formatKongConfig } from '@it0/server/gateway/kong-config';
import { formatNginxConfig } from '@it0/server/gateway/nginx-config';
import { GATEWAY_ROUTES } from '@it0/server/gateway/routes';
import { createExpressApp } from '@it0/server/http/app';
import { createIngress } from '@it0/server/http/ingress';
import { DEFAULT_LIMITS } from '@it0/server/http/limits';
import { SERVER_PATHS } from '@it0/server/http/page';
import type { Operations } from '@it0/server/http/routes/operations';
import { testApp } from '@it0/tests/support/app';
import { createFixture } from '@it0/tests/support/fixture';
import { follow } from '@it0/tests/support/follow';
import { hasNginx, startNginx } from '@it0/tests/support/nginx';
import { listRoutePaths } from '@it0/tests/support/route-paths';
import { createForm, upload } from '@it0/tests/support/upload';
import { expect, test } from 'vitest';

/** Finds the first route of a path in the list. */
const findRoute = (path: string) =>
  GATEWAY_ROUTES.find((route) => (route.match === 'exact' ? path === route.path : path.startsWith(route.path)));

/** Finds the route of a path as Kong documents it: expressions before prefixes, and the longest prefix. */
function findKongRoute(path: string) {
  const exact = GATEWAY_ROUTES.filter((route) => route.match === 'exact' && route.path === path);
  const prefixes = GATEWAY_ROUTES.filter((route) => route.match === 'prefix' && path.startsWith(route.path));
  return [...exact, ...prefixes.sort((a, b) => b.path.length - a.path.length)][0];
}

test('every route of the server has a gateway route, the same in Kong’s order as in nginx’s', async () => {
  const oidc = { issuer: 'http://127.0.0.1:1', clientId: 'x', clientSecret: 'x' };
  await using app = await testApp({ oidc, publicUrl: 'http://it0.example' });
  const deps = { services: app.services, ingress: createIngress({}), limits: DEFAULT_LIMITS };
  const { router } = createExpressApp(deps, {
    operations: {} as Operations,
    stopping: new AbortController().signal,
    uploads: '',
    webDir: undefined,
  });
  const registered = listRoutePaths(router).map((path) =>
    path.replace(/^\/(agent|auth|voice|openapi\.json)(?=\/|$)/, '/api/v1/$1').replaceAll(/:\w+/g, 'x'),
  );
  const paths = [...registered, CALLBACK_PATH, '/trpc/auth.me', '/ws/agent'];
  const routes = paths.map((path) => [path, findRoute(path)?.name]);
  expect(routes.filter(([, name]) => name === undefined || name === 'page')).toEqual([]);
  expect(paths.map((path) => [path, findKongRoute(path)?.name])).toEqual(routes);
  const used = new Set(routes.map(([, name]) => name));
  expect(GATEWAY_ROUTES.map(({ name }) => name).filter((name) => !used.has(name))).toEqual(['page']);
  for (const segment of SERVER_PATHS.filter((name) => name !== 'assets'))
    expect(GATEWAY_ROUTES.some(({ path }) => path.startsWith(`/${segment}`))).toBe(true);
});

test('the gateway’s files are those of the routes', async () => {
  const folder = '../../deploy/gateway';
  await expect(formatNginxConfig(GATEWAY_ROUTES)).toMatchFileSnapshot(`${folder}/nginx.conf`);
  await expect(formatKongConfig(GATEWAY_ROUTES)).toMatchFileSnapshot(`${folder}/kong.yml`);
});

/** Starts two servers on one database behind nginx. */
async function startBehindNginx() {
  const stack = new AsyncDisposableStack();
  const world = stack.use(await createFixture({ trustedProxies: ['loopback'] }));
  const second = await world.app.another();
  const ports: [number, number] = [Number(new URL(world.app.url).port), second.port];
  const nginx = stack.use(await startNginx(formatNginxConfig(GATEWAY_ROUTES), ports));
  return { ...world, second, url: nginx.url, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

/** A report at another address than the one of its task. */
const throughGateway = (task: TaskRequest, url: string) => ({
  ...task,
  callbackUrl: url + new URL(task.callbackUrl).pathname,
});

test.runIf(hasNginx)('behind nginx, messages, streams and uploads of 10 MB work as without it', async () => {
  await using world = await startBehindNginx();
  const { app, url, user, instance, bridge } = world;
  const client = app.client({ bearer: user.bearer }, url);
  const message = `hello ${randomUUID()}`;
  const { sessionId } = await client.instance.createTask.mutate({
    ...{ instanceId: instance.id, message, requestId: randomUUID() },
  });
  using stream = follow(client, sessionId);
  const task = throughGateway(await bridge.task(message), url);
  const reported = await bridge.report(task, { type: 'completed', text: 'done' });
  expect(reported.status).toBe(200);
  await stream.next('completed');

  const headers = { authorization: `Bearer ${user.bearer}` };
  const largest = createForm('a.txt', Buffer.alloc(limits.attachmentBytes, 'x'));
  expect(await upload(url, headers, largest)).toMatchObject({ status: 200 });
  const tooLarge = createForm('a.txt', Buffer.alloc(limits.attachmentBytes + 1, 'x'));
  expect(await upload(url, headers, tooLarge)).toMatchObject({ status: 413, body: { reason: 'ATTACHMENT_TOO_LARGE' } });
});

test.runIf(hasNginx)('nginx hides internal paths, limits bodies and methods, and numbers requests', async () => {
  await using world = await startBehindNginx();
  const { url } = world;
  const request = async (path: string, init?: RequestInit) => (await fetch(url + path, init)).status;
  expect(await request('/healthz')).toBe(200);
  expect(await request('/readyz')).toBe(404);
  expect(await request('/metrics')).toBe(404);
  expect(await request(CALLBACK_PATH, { method: 'DELETE' })).toBe(403);
  expect(await request(CALLBACK_PATH, { method: 'POST', body: '{}' })).toBe(401);
  expect(await request(CALLBACK_PATH, { method: 'POST', body: 'x'.repeat(limits.callbackBytes + 1) })).toBe(413);
  expect(await request('/trpc/auth.signIn', { method: 'POST', body: 'x'.repeat(2_000_000) })).toBe(413);

  const readId = async (headers = {}) => (await fetch(`${url}/healthz`, { headers })).headers.get('x-request-id');
  expect(await readId()).toMatch(/^[\da-f]{32}$/);
  expect(await readId({ 'x-request-id': 'id-of-a-client' })).toBe('id-of-a-client');
  expect(await readId({ 'x-request-id': 'a b' })).toMatch(/^[\da-f]{32}$/);
});

test.runIf(hasNginx)('the address of a client is the one that nginx sees, whatever the client claims', async () => {
  await using world = await startBehindNginx();
  const { app, url } = world;
  const password = 'correct horse battery';
  const { email } = await app.newUser({ password });
  const response = await fetch(`${url}/trpc/auth.signIn`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-forwarded-for': '203.0.113.7', 'x-proxy-secret': 'x' },
    body: JSON.stringify({ email, password, by: 'bearer' }),
  });
  const { token } = ((await response.json()) as { result: { data: { token: string } } }).result.data;
  expect(await app.client({ bearer: token }).device.list.query()).toContainEqual(
    expect.objectContaining({ isThis: true, ip: '127.0.0.1' }),
  );
});

test.runIf(hasNginx)('a request that both servers refuse with 503 does not make nginx refuse all others', async () => {
  await using world = await startBehindNginx();
  const { app, url, user, second } = world;
  for (const { services } of [app, second]) (services.refusedTenants as Set<string>).add(app.tenantId);
  const headers = { authorization: `Bearer ${user.bearer}` };
  for (const _attempt of [1, 2, 3]) {
    const refused = await fetch(`${url}/trpc/instance.list`, { headers });
    expect([refused.status, await refused.text()]).toEqual([503, expect.stringContaining('TENANT_UNAVAILABLE')]);
  }
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
});
