import { testDatabase } from '@it0/tests/support/database';
import { expect, test } from 'vitest';

const instance = (id: string, name: string) => ({
  id,
  name,
  ownerId: '01990000-0000-7000-8000-00000000000a',
  engineType: 'openclaw',
  driver: 'local',
  bridgeSecret: new Uint8Array(),
});
const first = '01990000-0000-7000-8000-0000000000f1';
const second = '01990000-0000-7000-8000-0000000000f2';

test('a tenant never reads another one’s rows, even when reads are batched', async () => {
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

test('more tenants than clients are kept for: each still sees its own rows', async () => {
  await using db = await testDatabase();
  await db.tenant(db.tenantId).agentInstance.create({ data: instance(first, 'ours') });
  const held = db.tenant(db.tenantId);
  for (let i = 0; i < 150; i++) db.tenant(crypto.randomUUID());
  expect(db.tenant(db.tenantId)).not.toBe(held);
  for (const client of [held, db.tenant(db.tenantId)]) expect(await client.agentInstance.count()).toBe(1);
});
