import { randomUUID } from 'node:crypto';
import { type TestUser, toAuthHeaders } from '@it0/tests/support/app';
import { createFixture } from '@it0/tests/support/fixture';
import { createForm, upload } from '@it0/tests/support/upload';
import { expect, test } from 'vitest';

const halfMb = 'x'.repeat(500_000);
const limits = (tenantMb: number, unsentMb: number) => ({ limits: { storage: { tenantMb, unsentMb } } });
type World = Awaited<ReturnType<typeof createFixture>>;

const send = ({ app }: World, sender: TestUser) => upload(app.url, toAuthHeaders(sender), createForm('x.txt', halfMb));
const sendAll = async (world: World, sender: TestUser, count: number) =>
  (await Promise.all(Array.from({ length: count }, () => send(world, sender)))).map(({ status }) => status).sort();

test('concurrent uploads are stored only up to the limit of unsent files per person', async () => {
  await using world = await createFixture(limits(100, 1));
  const { app, user } = world;
  expect(await sendAll(world, user, 8)).toEqual([...Array(2).fill(200), ...Array(6).fill(413)]);
  const refused = await send(world, user);
  expect(refused.body).toMatchObject({ reason: 'STORAGE_FULL', message: expect.stringMatching(/send/i) });
  expect(await app.tenant.attachment.count()).toBe(2);
  expect(await sendAll(world, await app.newUser({ role: 'viewer' }), 2)).toEqual([200, 200]);
});

test('sent files count toward the limit of the organization, and no longer toward the person’s', async () => {
  await using world = await createFixture(limits(2, 1));
  const { app, user, client, instance } = world;
  const files = [await send(world, user), await send(world, user)];
  await client.instance.createTask.mutate({
    ...{ instanceId: instance.id, message: 'x', requestId: randomUUID() },
    attachmentIds: files.map(({ body }) => body.id),
  });
  expect(await sendAll(world, user, 2)).toEqual([200, 200]);
  const other = await app.newUser({ role: 'operator' });
  expect(await send(world, other)).toMatchObject({ status: 413, body: { reason: 'STORAGE_FULL' } });
  // Another organization has its own limit.
  const inTenant = await app.database.createTenant({ name: 'Other' });
  expect(await sendAll(world, await app.newUser({ inTenant }), 2)).toEqual([200, 200]);
});

test('the unsent files of an organization are limited to ten times the limit of a person', async () => {
  await using world = await createFixture(limits(100, 1));
  const people = await Promise.all(Array.from({ length: 11 }, () => world.app.newUser({ role: 'viewer' })));
  const statuses = [];
  for (const one of people) statuses.push(...(await sendAll(world, one, 2)));
  expect(statuses.filter((status) => status === 200)).toHaveLength(20);
  expect(statuses.filter((status) => status === 413)).toHaveLength(2);
});
