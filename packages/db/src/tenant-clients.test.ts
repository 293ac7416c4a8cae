import { randomUUID } from 'node:crypto';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { testDatabase } from '@it0/tests/support/database';
import { expect, test } from 'vitest';
import { MAX_CLIENTS } from './tenant-clients.ts';

setFlagsFromString('--expose-gc');
const collect: () => void = runInNewContext('gc');

const instance = (id: string, name: string) => ({
  id,
  requestId: id,
  name,
  ownerId: '01990000-0000-7000-8000-00000000000a',
  engineType: 'openclaw',
  driver: 'local' as const,
  bridgeSecret: new Uint8Array(),
});
const first = '01990000-0000-7000-8000-0000000000f1';
const second = '01990000-0000-7000-8000-0000000000f2';

test('a tenant never reads rows of another tenant when reads are batched', async () => {
  await using db = await testDatabase();
  const ours = db.tenant(db.tenantId);
  const theirs = db.tenant(await db.createTenant({ name: 'Globex' }));
  await ours.agentInstance.create({ data: instance(first, 'ours') });
  await theirs.agentInstance.create({ data: instance(second, 'theirs') });

  const names = await Promise.all(
    [ours, theirs].flatMap((client) =>
      [first, second].map(async (id) => (await client.agentInstance.findUnique({ where: { id } }))?.name),
    ),
  );
  expect(names).toEqual(['ours', undefined, undefined, 'theirs']);
});

test('a tenant reads its own rows with an evicted client and with a new one', async () => {
  await using db = await testDatabase();
  await db.tenant(db.tenantId).agentInstance.create({ data: instance(first, 'ours') });
  const evicted = db.tenant(db.tenantId);
  for (let i = 0; i < 150; i++) db.tenant(crypto.randomUUID());
  expect(db.tenant(db.tenantId)).not.toBe(evicted);
  for (const client of [evicted, db.tenant(db.tenantId)]) expect(await client.agentInstance.count()).toBe(1);
});

test('evicted clients are garbage-collected, and the pool has no listeners of them', async () => {
  await using db = await testDatabase();
  const ours = db.tenant(db.tenantId);
  const clients = Array.from({ length: 200 }, () => db.tenant(randomUUID()));
  await Promise.all(clients.map((client) => client.agentInstance.count().catch(() => {})));
  const references = clients.splice(0).map((client) => new WeakRef(client));
  // An evicted client still works.
  expect(await ours.agentInstance.count()).toBe(0);
  expect(db.pool.listenerCount('error')).toBeLessThan(5);
  const countAlive = () => {
    collect();
    return references.filter((client) => client.deref()).length;
  };
  // Each connection of the pool may reference the last client that used it.
  await expect.poll(countAlive).toBeLessThanOrEqual(MAX_CLIENTS + 20);
});
