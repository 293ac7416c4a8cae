import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { BridgeLogs } from '@it0/contracts/remote-bridge';
import { isAlive } from '@it0/node/process';
import { afterAll, expect, test } from 'vitest';
import { temporaryFolder } from '../testing/folder.ts';
import { remoteHost } from '../testing/remote-host.ts';

const bridge = fileURLToPath(new URL('../..', import.meta.url));
const root = join(bridge, '../..');
const folder = temporaryFolder();
afterAll(() => folder[Symbol.dispose]());

const build = (name: string) => {
  const dist = join(folder.path, name);
  execFileSync(process.execPath, [join(bridge, 'scripts/build.mjs'), dist]);
  return { dist, tgz: readFileSync(join(dist, 'bridge.tgz')), ...readJson(join(dist, 'bridge.json')) };
};
const readJson = (file: string) => JSON.parse(readFileSync(file, 'utf8'));
const built = build('first');

/** The installed package, in the layout that npm creates. */
const installed = join(folder.path, 'node_modules/@it0/bridge');
mkdirSync(installed, { recursive: true });
execFileSync('tar', ['xzf', join(built.dist, 'bridge.tgz'), '--strip-components=1', '-C', installed]);
symlinkSync(join(bridge, 'node_modules'), join(installed, 'bridge/node_modules'));
const { optionalDependencies } = readJson(join(root, 'package.json'));
for (const name of readdirSync(join(root, 'node_modules')).filter((name) => name in optionalDependencies))
  symlinkSync(join(root, 'node_modules', name), join(folder.path, 'node_modules', name));
const launcher = join(installed, 'bin/it0-bridge.mjs');

test('builds of the same sources are identical', () => {
  const second = build('second');
  expect(second.version).toBe(built.version);
  expect(second.tgz.equals(built.tgz)).toBe(true);
  expect(built.version).toMatch(/^\d+\.\d+\.\d+-[a-f][0-9a-f]{7}$/);
});

test('the package has exact dependencies, one command and no sources or tests', () => {
  const [outer, inner] = ['package.json', 'bridge/package.json'].map((file) => readJson(join(installed, file)));
  expect(outer).toMatchObject({
    version: built.version,
    bin: { 'it0-bridge': 'bin/it0-bridge.mjs' },
    optionalDependencies,
  });
  expect(outer.dependencies).toBeUndefined();
  expect(inner.version).toBe(built.version);
  const ours = readJson(join(bridge, 'package.json')).dependencies;
  for (const [name, version] of Object.entries(inner.dependencies)) {
    expect(version).toMatch(/^\d+\.\d+\.\d+$/);
    expect([version, 'catalog:']).toContain(ours[name]);
  }
  const excluded = Object.keys(ours).filter((name) => !(name in inner.dependencies));
  expect(excluded).toEqual(['@anthropic-ai/claude-agent-sdk', '@it0/contracts', '@it0/node']);
  const files = readdirSync(installed, { recursive: true, encoding: 'utf8' });
  expect(files.filter((file) => /\.ts$|test|fixture|recorded/.test(file.replace(/node_modules.*/, '')))).toEqual([]);
});

test('the command prints its version, and passes errors and exit codes on', async () => {
  const output = execFileSync(process.execPath, [launcher, '--version'], { encoding: 'utf8' });
  expect(output).toBe(`${built.version}\n`);
  const failing = spawn(process.execPath, [launcher, '--nonsense'], { stdio: ['ignore', 'ignore', 'pipe'] });
  const [line, [code]] = await Promise.all([text(failing.stderr!), once(failing, 'exit')]);
  expect([line, code]).toEqual(["Unknown option '--nonsense'\n", 2]);
});

test.for(['SIGTERM', 'SIGKILL'] as const)('all processes of the command exit when it ends by %s', async (signal) => {
  await using host = await remoteHost();
  await using remote = await host.start(host.command, {}, launcher);
  // Resolves when all of its processes have closed their output.
  await remote.end(signal);
  await using _next = await host.start();
});

// Slow: it starts a real gateway.
test('the command runs OpenClaw: a task, the logs and a stop', async () => {
  await using host = await remoteHost();
  await using remote = await host.start(host.command, { BRIDGE_ENGINE: 'openclaw' }, launcher);
  expect(await (await host.send('Hello')).waitForEnd()).toMatchObject({ type: 'completed' });

  const { pid, token } = readJson(join(host.dir, 'gateway.json'));
  const logs = await host.server.request('GET', '/logs');
  expect(BridgeLogs.parse(logs.body).bridge.join('\n')).toContain('gateway ready');
  expect(JSON.stringify(logs.body)).not.toContain(token);

  host.server.setDesired({ running: false });
  await host.server.waitForIdle();
  expect(isAlive(pid)).toBe(false);
  expect(await remote.end()).toBe(0);
});
