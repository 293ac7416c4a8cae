import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { SERVER_PATHS } from '@it0/server/http/page';
import { testApp } from '@it0/tests/support/app';
import { expect, test } from 'vitest';

/** Starts a server with a page and a bridge package in a folder whose path has a segment that begins with a dot. */
async function createWorld() {
  const dir = mkdtempSync(join(tmpdir(), '.it0-page-'));
  const webDir = join(dir, '.hidden', 'dist');
  mkdirSync(join(webDir, 'assets'), { recursive: true });
  for (const [name, text] of Object.entries({
    'index.html': '<!doctype html>the page',
    'sign-in.html': '<!doctype html>sign in',
    'icon.svg': '<svg/>',
    'assets/main-1.js': '0',
    'assets/main-1.js.br': brotliCompressSync('0'),
    'assets/main-1.js.gz': gzipSync('0'),
    'index.html.gz': gzipSync('<!doctype html>the page'),
    'bridge.tgz': 'a package',
  })) {
    writeFileSync(join(webDir, name), text);
  }
  const bridgePackage = { version: '1', path: '/bridge/1.tgz', file: join(webDir, 'bridge.tgz') };
  const app = await testApp({ webDir, bridgePackage });
  const { cookie } = await app.newUser();
  return {
    app,
    get: (path: string, accept = '*/*', method = 'GET', headers = {}) =>
      fetch(app.url + path, { method, headers: { accept, cookie, ...headers } }),
    async [Symbol.asyncDispose]() {
      await app[Symbol.asyncDispose]();
      rmSync(dir, { recursive: true });
    },
  };
}

const id = '01990000-0000-7000-8000-00000000000a';

test('the server serves the page, its files and the bridge from a folder below one whose name begins with a dot', async () => {
  await using world = await createWorld();
  const pages = ['/', '/agents', '/account', '/organization', '/sign-in', '/reset-password'];
  for (const path of [...pages, '/agents/', `/invitation/${id}.c2lnbmF0dXJl`, '/nothing/there?x=1.js']) {
    const response = await world.get(path);
    expect([path, response.status, await response.text()]).toEqual([path, 200, '<!doctype html>the page']);
    expect(response.headers.get('cache-control')).toBe('no-cache');
    expect((await world.get(path, 'text/html', 'HEAD')).status).toBe(200);
  }
  expect((await world.get('/assets/main-1.js')).headers.get('cache-control')).toContain('immutable');
  expect(await (await world.get('/icon.svg')).text()).toBe('<svg/>');
  expect(await (await world.get('/bridge/x.tgz')).text()).toBe('a package');
});

test('files that are no documents have only the headers that browsers use for them', async () => {
  await using world = await createWorld();
  const NAMES = ['x-content-type-options', 'content-security-policy', 'x-frame-options', 'etag'];
  const listHeaders = async (path: string) => {
    const { headers } = await world.get(path);
    return NAMES.filter((name) => headers.has(name));
  };
  expect(await listHeaders('/')).toEqual(NAMES);
  expect(await listHeaders('/icon.svg')).toEqual(['x-content-type-options', 'content-security-policy', 'etag']);
  expect(await listHeaders('/assets/main-1.js')).toEqual(['x-content-type-options']);
});

test('a file is sent in the best encoding that the browser accepts, and index.html is revalidated by its ETag', async () => {
  await using world = await createWorld();
  const getEncoding = async (path: string, accepted: string) => {
    const response = await world.get(path, '*/*', 'GET', { 'accept-encoding': accepted });
    const { headers } = response;
    expect([path, accepted, await response.text(), headers.get('vary')]).toEqual([
      path,
      accepted,
      path === '/agents' ? '<!doctype html>the page' : '0',
      path === '/agents' ? 'cookie, accept-encoding' : 'accept-encoding',
    ]);
    expect(headers.get('content-type')).toBe(
      path === '/agents' ? 'text/html; charset=utf-8' : 'text/javascript; charset=utf-8',
    );
    return headers.get('content-encoding');
  };
  expect(await getEncoding('/assets/main-1.js', 'gzip, deflate, br, zstd')).toBe('br');
  expect(await getEncoding('/assets/main-1.js', 'gzip')).toBe('gzip');
  expect(await getEncoding('/assets/main-1.js', 'br;q=0, gzip')).toBe('gzip');
  expect(await getEncoding('/assets/main-1.js', 'identity')).toBe(null);
  expect(await getEncoding('/agents', 'br, gzip')).toBe('gzip');
  expect(await getEncoding('/agents', 'identity')).toBe(null);

  const etag = (await world.get('/agents')).headers.get('etag');
  // As a browser revalidates. By default, fetch would send `no-cache`.
  const revalidation = { 'if-none-match': etag, 'cache-control': 'max-age=0' };
  expect((await world.get('/sign-in', '*/*', 'GET', revalidation)).status).toBe(304);
  expect((await world.get('/assets/main-1.js.br')).status).toBe(404);
});

test('a browser without a login gets the sign-in page at every address, except at links that need no login', async () => {
  await using world = await createWorld();
  const read = async (path: string, headers = {}) => (await world.get(path, '*/*', 'GET', headers)).text();
  for (const path of ['/', `/agents/${id}?session=${id}`, '/sign-in', '/account', '/sign-in?reason=FORBIDDEN', '/x']) {
    expect([path, await read(path)]).toEqual([path, '<!doctype html>the page']);
    expect([path, await read(path, { cookie: '' })]).toEqual([path, '<!doctype html>sign in']);
  }
  for (const path of ['/sign-in/token', `/invitation/${id}.c2ln`, '/reset-password?token=x'])
    expect([path, await read(path, { cookie: '' })]).toEqual([path, '<!doctype html>the page']);
});

const wellKnown = [
  'oauth-protected-resource/mcp',
  'oauth-authorization-server',
  'openid-configuration',
  'security.txt',
];
const files = [
  'favicon.ico',
  'robots.txt',
  'manifest.json',
  'service-worker.js',
  'a.js',
  '.env',
  '.git/config',
  'wp-login.php',
];
const tails = ['', '/', '/x', '/x/y', '/%2fx'];

test('an unknown file and an unknown path of the server return 404 as JSON, not the page', async () => {
  await using world = await createWorld();
  const paths = [
    ...wellKnown.map((name) => `/.well-known/${name}`),
    ...files.flatMap((name) => [`/${name}`, `/agents/${name}`, `/${name}/x`, `/${name.replaceAll('.', '%2e')}`]),
    ...SERVER_PATHS.flatMap((name) => tails.flatMap((tail) => [`/${name}${tail}`, `/${name.toUpperCase()}${tail}`])),
    ...['/%00.js', '//.env', '/invitation/a/b.js', '/a.'],
  ];
  // Paths that have a route.
  const answered = /^\/(healthz|readyz|metrics|mcp)\/?$/i;
  for (const path of paths.filter((path) => !answered.test(path))) {
    for (const accept of ['*/*', 'text/html,application/xhtml+xml', 'application/json']) {
      const response = await world.get(path, accept);
      expect([path, response.status]).toEqual([path, 404]);
      expect([path, JSON.stringify(await response.json())]).toEqual([
        path,
        expect.stringContaining('"reason":"NOT_FOUND"'),
      ]);
    }
  }
  // Paths that cannot be decoded.
  for (const path of ['/%', '/%zz', '/agents/%ff']) expect([path, (await world.get(path)).status]).toEqual([path, 400]);
});
