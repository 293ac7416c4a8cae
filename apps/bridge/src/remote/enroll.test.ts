import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ENROLL_PATH } from '@it0/contracts/remote-bridge';
import { expect, test } from 'vitest';
import { remoteHost } from '../testing/remote-host.ts';
import { startRemote } from '../testing/remote-process.ts';
import { NOT_ENROLLED } from './enroll.ts';

const read = (dir: string, name: string) => readFileSync(join(dir, name), 'utf8');

test('enrollment is retried with the same secret when a response is lost', async () => {
  await using host = await remoteHost();
  host.server.injectFault((path, count) => {
    if (path !== ENROLL_PATH || count > 3) return undefined;
    return count === 2 ? { status: 503, headers: { 'retry-after': '0' } } : 'lost';
  });
  await using remote = await host.start();
  expect(remote.lines.slice(0, 3)).toEqual([
    'Cannot reach the server (UND_ERR_SOCKET). Retrying…',
    'Reconnected.',
    'Enrolled as “Web cluster”.',
  ]);
  expect(host.server.count(ENROLL_PATH)).toBe(4);
});

test('a bridge that was killed before the response enrolls with the same secret', async () => {
  await using host = await remoteHost();
  host.server.injectFault((path) => (path === ENROLL_PATH ? 'lost' : undefined));
  await using killed = startRemote(host.command);
  await killed.waitForLine('Cannot reach the server');
  await killed.end('SIGKILL');
  host.server.injectFault(() => undefined);
  await using _remote = await host.start();
});

test('the bridge exits with the server’s message when its code is invalid', async () => {
  await using host = await remoteHost();
  await using remote = startRemote([...host.command, '--enroll', 'wrong']);
  expect(await remote.exited).toBe(1);
  expect(remote.lines).toEqual(['The server says BRIDGE_CODE_INVALID.']);
});

test('an enrolled bridge starts with the same command, or without a code', async () => {
  await using host = await remoteHost();
  await using first = await host.start();
  expect(await first.end()).toBe(0);
  await using second = await host.start();
  expect(await second.end()).toBe(0);
  await using third = await host.start(['--dir', host.dir]);
  expect(await third.end()).toBe(0);
  expect(host.server.count(ENROLL_PATH)).toBe(1);
});

test('the bridge prints what to do when it has neither an enrollment nor a code', async () => {
  await using host = await remoteHost();
  await using remote = startRemote(['--dir', host.dir, '--server', host.server.url]);
  expect(await remote.exited).toBe(1);
  expect(remote.lines).toEqual([NOT_ENROLLED]);
});

test('the folder of an instance is not reused for another, and the code works in a folder of its own', async () => {
  await using host = await remoteHost();
  await using first = await host.start();
  await first.end();
  const enrolled = read(host.dir, 'enrolled.json');
  const command = ['--server', host.server.url, '--enroll', host.server.newCode()];
  await using refused = startRemote([...command, '--dir', host.dir]);
  expect(await refused.exited).toBe(1);
  expect(read(host.dir, 'enrolled.json')).toBe(enrolled);
  const dir = /--dir (\S+)$/.exec(refused.lines.at(-1) ?? '')?.[1] ?? '';
  await using _second = await host.start([...command, '--dir', dir]);
  await using _first = await host.start();
});

test('enrollment does not reuse the folder of an instance with the same id in another tenant', async () => {
  await using host = await remoteHost();
  await using first = await host.start();
  await first.end();
  const enrolled = read(host.dir, 'enrolled.json');
  const { instanceId } = JSON.parse(enrolled);
  const code = host.server.newCode(instanceId, '01990000-0000-7000-8000-000000000002');
  await using refused = startRemote(['--server', host.server.url, '--enroll', code, '--dir', host.dir]);
  expect(await refused.exited).toBe(1);
  expect(refused.lines.at(-1)).toContain(`belongs to the agent “Web cluster”`);
  expect(read(host.dir, 'enrolled.json')).toBe(enrolled);
});

test('an instance can be enrolled again with another code', async () => {
  await using host = await remoteHost();
  await using first = await host.start();
  await first.end();
  const { instanceId, secret } = JSON.parse(read(host.dir, 'enrolled.json'));
  const command = ['--server', host.server.url, '--enroll', host.server.newCode(instanceId), '--dir', host.dir];
  await using _second = await host.start(command);
  expect(JSON.parse(read(host.dir, 'enrolled.json'))).toMatchObject({ instanceId });
  expect(read(host.dir, 'enrolled.json')).not.toContain(secret);
});

test('a second bridge on a folder exits with a message, and the first one continues', async () => {
  await using host = await remoteHost();
  await using _first = await host.start();
  await using second = startRemote(host.command);
  expect(await second.exited).toBe(1);
  expect(second.lines).toEqual([expect.stringContaining(`Another bridge is running in ${host.dir}.`)]);
  expect(await host.server.request('GET', '/readyz')).toMatchObject({ status: 200 });
});

test('the bridge exits when the server redirects', async () => {
  await using host = await remoteHost();
  host.server.injectFault(() => ({ status: 301, headers: { location: 'https://elsewhere.example/' } }));
  await using remote = startRemote(host.command);
  expect(await remote.exited).toBe(1);
  expect(remote.lines).toEqual(['The server redirects to https://elsewhere.example/. Use that URL for --server.']);
});

test('the bridge exits with the name of a file that it cannot read', async () => {
  await using host = await remoteHost();
  writeFileSync(join(host.dir, 'enrolled.json'), 'not json');
  await using remote = startRemote(host.command);
  expect(await remote.exited).toBe(1);
  expect(remote.lines).toEqual([`Cannot read ${join(host.dir, 'enrolled.json')}.`]);
});
