import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import type { Isolation } from '@it0/contracts/bridge';
import { createNoSandbox } from '@it0/node/sandbox/find-sandbox';
import { createLocalDriver } from '@it0/server/instances/drivers/local';
import { testApp } from '@it0/tests/support/app';
import { getRefusal } from '@it0/tests/support/refusal';
import { createHealth, remoteBridge } from '@it0/tests/support/remote-bridge';
import { until } from '@it0/tests/support/until';
import { expect, test } from 'vitest';

const main = fileURLToPath(new URL('../../apps/server/src/instances/drivers/local.fixture.ts', import.meta.url));
const availableMemory = async () => 1e12;
const none: Isolation = { method: 'none', detail: 'Install bubblewrap.' };
const newInput = () => ({ requestId: randomUUID(), name: 'Web cluster' });

test.each([
  ['as its bridge reports', undefined, { method: 'bubblewrap', detail: null }],
  ['none when its bridge has none', createNoSandbox('Install bubblewrap.'), none],
])('a local instance shows its isolation: %s', async (_, sandbox, isolation) => {
  await using app = await testApp({
    availableMemory,
    localDriver: (driver) => createLocalDriver({ ...driver, env: {}, main, sandbox }),
  });
  const client = app.client(await app.newUser());
  const { id, ...created } = await client.instance.create.mutate(newInput());
  expect(created.isolation).toBeNull();
  await until(async () => (await client.instance.byId.query({ instanceId: id })).status === 'RUNNING');
  expect((await client.instance.list.query()).find((one) => one.id === id)).toMatchObject({ isolation });
});

test('a remote instance shows the isolation that its bridge reports, also when nothing else changes', async () => {
  await using app = await testApp({ bridgePackage: { version: '1', path: '/bridge/1.tgz', file: '/nowhere' } });
  const client = app.client(await app.newUser());
  const { id: instanceId } = await client.instance.create.mutate({ ...newInput(), driver: 'remote' });
  const bridge = await remoteBridge(app.url, (await client.instance.enroll.mutate({ instanceId })).code);
  const { desired } = await bridge.checkIn({ wait: false });
  const reports: (Isolation | undefined)[] = [
    undefined,
    none,
    { method: 'none', detail: null },
    { method: 'namespaces', detail: null },
  ];
  for (const isolation of reports) {
    bridge.setRunning(desired.revision, { ...createHealth(), ...(isolation && { isolation }) });
    await bridge.checkIn({ wait: false });
    expect((await client.instance.byId.query({ instanceId })).isolation).toEqual(isolation ?? null);
  }
});

test('without isolation, a second tenant and its local agents are refused with a hint', async () => {
  await using app = await testApp({ availableMemory, isolation: Promise.resolve(none) });
  const client = app.client(await app.newUser());
  const refused = { data: { reason: 'NOT_ISOLATED' }, message: expect.stringContaining('Install bubblewrap.') };
  await client.instance.create.mutate(newInput());
  expect(await getRefusal(client.tenant.create.mutate({ name: 'Second' }))).toMatchObject(refused);
  expect(await app.database.platform.organization.count()).toBe(1);

  await app.database.createTenant({ name: 'There before' });
  expect(await getRefusal(client.instance.create.mutate(newInput()))).toMatchObject(refused);
  await client.instance.create.mutate({ ...newInput(), driver: 'remote' });
});

test.each([
  ['an isolation is available', Promise.resolve<Isolation>({ method: 'namespaces', detail: null })],
  ['it is allowed without isolation', undefined],
])('a second tenant may have local agents when %s', async (_, isolation) => {
  await using app = await testApp({ availableMemory, isolation });
  const user = await app.newUser();
  await app.client(user).tenant.create.mutate({ name: 'Second' });
  expect(await app.client(user).instance.create.mutate(newInput())).toMatchObject({ driver: 'local' });
});
