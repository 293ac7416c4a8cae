import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ENROLL_PATH } from '@it0/contracts/remote-bridge';
import { expect, test } from 'vitest';
import { remoteHost } from '../testing/remote-host.ts';
import { startRemote } from '../testing/remote-process.ts';

const read = (dir: string, name: string) => readFileSync(join(dir, name), 'utf8');

test('a lost answer is asked for again with the same secret', async () => {
  await using host = await remoteHost();
  host.server.mishap((path, count) => {
    if (path !== ENROLL_PATH || count > 3) return undefined;
    return count === 2 ? { status: 503, headers: { 'retry-after': '0' } } : 'lost';
  });
  await using remote = await host.start();
  expect(remote.lines.slice(0, 3)).toEqual([
    'The server cannot be reached (UND_ERR_SOCKET); trying again.',
    'Connected again.',
    'Enrolled as “Web cluster”.',
  ]);
  expect(host.server.count(ENROLL_PATH)).toBe(4);
});

test('one that was killed before it heard the answer goes on with the secret it had shown', async () => {
  await using host = await remoteHost();
  host.server.mishap((path) => (path === ENROLL_PATH ? 'lost' : undefined));
  await using killed = startRemote(host.command);
  await killed.waitForLine('The server cannot be reached');
  await killed.end('SIGKILL');
  host.server.mishap(() => undefined);
  await using _remote = await host.start();
});

test('a code that the server does not take ends it with why', async () => {
  await using host = await remoteHost();
  await using remote = startRemote([...host.command, '--enroll', 'wrong']);
  expect(await remote.exited).toBe(1);
  expect(remote.lines).toEqual(['The server says BRIDGE_CODE_INVALID.']);
});

test('the same command, or one without a code, goes on with the enrollment there is', async () => {
  await using host = await remoteHost();
  await using first = await host.start();
  expect(await first.end()).toBe(0);
  await using second = await host.start();
  expect(await second.end()).toBe(0);
  await using third = await host.start(['--dir', host.dir]);
  expect(await third.end()).toBe(0);
  expect(host.server.count(ENROLL_PATH)).toBe(1);
});

test('without an enrollment and a code it says what to do', async () => {
  await using host = await remoteHost();
  await using remote = startRemote(['--dir', host.dir, '--server', host.server.url]);
  expect(await remote.exited).toBe(1);
  expect(remote.lines).toEqual(['This bridge is not enrolled yet. Start it with the command that the page shows.']);
});

test('the folder of one instance is not given to another, and the code is good for one of its own', async () => {
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
  expect(refused.lines.at(-1)).toContain(`is the folder of “Web cluster”`);
  expect(read(host.dir, 'enrolled.json')).toBe(enrolled);
});

test('the same instance is enrolled anew with another code', async () => {
  await using host = await remoteHost();
  await using first = await host.start();
  await first.end();
  const { instanceId, secret } = JSON.parse(read(host.dir, 'enrolled.json'));
  const again = ['--server', host.server.url, '--enroll', host.server.newCode(instanceId), '--dir', host.dir];
  await using _second = await host.start(again);
  expect(JSON.parse(read(host.dir, 'enrolled.json'))).toMatchObject({ instanceId });
  expect(read(host.dir, 'enrolled.json')).not.toContain(secret);
});

test('a second bridge on a folder ends with why, and the first goes on', async () => {
  await using host = await remoteHost();
  await using _first = await host.start();
  await using second = startRemote(host.command);
  expect(await second.exited).toBe(1);
  expect(second.lines).toEqual([expect.stringContaining(`Another bridge is running in ${host.dir}.`)]);
  expect(await host.server.request('GET', '/readyz')).toMatchObject({ status: 200 });
});

test('a server that is not IT0 is not asked for ever', async () => {
  await using host = await remoteHost();
  host.server.mishap(() => ({ status: 301, headers: { location: 'https://elsewhere.example/' } }));
  await using remote = startRemote(host.command);
  expect(await remote.exited).toBe(1);
  expect(remote.lines).toEqual([
    'The server sends everybody to https://elsewhere.example/. Give that address as --server.',
  ]);
});

test('what cannot be read in the folder is named', async () => {
  await using host = await remoteHost();
  writeFileSync(join(host.dir, 'enrolled.json'), 'not json');
  await using remote = startRemote(host.command);
  expect(await remote.exited).toBe(1);
  expect(remote.lines).toEqual([`${join(host.dir, 'enrolled.json')} cannot be read.`]);
});
