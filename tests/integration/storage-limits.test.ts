import { randomUUID } from 'node:crypto';
import { headersOf, type TestUser } from '@it0/tests/support/app';
import { scene } from '@it0/tests/support/fixture';
import { formOf, upload } from '@it0/tests/support/upload';
import { expect, test } from 'vitest';

const halfMb = 'x'.repeat(500_000);
const limits = (tenantMb: number, unsentMb: number) => ({ limits: { storage: { tenantMb, unsentMb } } });
type Stage = Awaited<ReturnType<typeof scene>>;

const send = ({ app }: Stage, who: TestUser) => upload(app.url, headersOf(who), formOf('x.txt', halfMb));
const statusesOf = async (stage: Stage, who: TestUser, count: number) =>
  (await Promise.all(Array.from({ length: count }, () => send(stage, who)))).map(({ status }) => status).sort();

test('the server stores concurrent uploads only up to the unsent limit of a person, and other people have their own', async () => {
  await using stage = await scene(limits(100, 1));
  const { app, user } = stage;
  expect(await statusesOf(stage, user, 8)).toEqual([...Array(2).fill(200), ...Array(6).fill(413)]);
  const refused = await send(stage, user);
  expect(refused.body).toMatchObject({ reason: 'STORAGE_FULL', message: expect.stringContaining('send') });
  expect(await app.tenant.attachment.count()).toBe(2);
  expect(await statusesOf(stage, await app.newUser({ role: 'viewer' }), 2)).toEqual([200, 200]);
});

test('sent files count for the limit of the organisation, and no longer for the person’s', async () => {
  await using stage = await scene(limits(2, 1));
  const { app, user, client, instance } = stage;
  const files = [await send(stage, user), await send(stage, user)];
  await client.instance.createTask.mutate({
    ...{ instanceId: instance.id, message: 'x', requestId: randomUUID() },
    attachmentIds: files.map(({ body }) => body.id),
  });
  expect(await statusesOf(stage, user, 2)).toEqual([200, 200]);
  const other = await app.newUser({ role: 'operator' });
  expect(await send(stage, other)).toMatchObject({ status: 413, body: { reason: 'STORAGE_FULL' } });
  // Another organisation has its own limit.
  const inTenant = await app.database.createTenant({ name: 'Other' });
  expect(await statusesOf(stage, await app.newUser({ inTenant }), 2)).toEqual([200, 200]);
});

test('the unsent files of an organisation are limited to ten times the limit of a person', async () => {
  await using stage = await scene(limits(100, 1));
  const people = await Promise.all(Array.from({ length: 11 }, () => stage.app.newUser({ role: 'viewer' })));
  const statuses = [];
  for (const one of people) statuses.push(...(await statusesOf(stage, one, 2)));
  expect(statuses.filter((status) => status === 200)).toHaveLength(20);
  expect(statuses.filter((status) => status === 413)).toHaveLength(2);
});
