import { createFixture } from '@it0/tests/support/fixture';
import { getRefusal } from '@it0/tests/support/refusal';
import { expect, test } from 'vitest';

const prompt = { name: 'Disks', text: 'Check the disks of {{host}}' };
const refusedBy = (reason: string) => ({ data: { reason } });

test('a prompt is saved for its person, changed, and removed', async () => {
  await using world = await createFixture();
  const { client, app } = world;
  const { id } = await client.prompt.create.mutate({ ...prompt, name: ' Disks ' });
  await client.prompt.create.mutate({ name: 'Backups', text: 'Check the backups' });
  expect(await client.prompt.list.query()).toMatchObject([
    { name: 'Backups' },
    { id, ...prompt, shared: false, mine: true },
  ]);
  const colleague = app.client(await app.newUser());
  expect(await colleague.prompt.list.query()).toEqual([]);
  const change = { promptId: id, name: 'Disk', text: 'x', shared: false };
  for (const call of [colleague.prompt.update.mutate(change), colleague.prompt.remove.mutate({ promptId: id })])
    expect(await getRefusal(call)).toMatchObject(refusedBy('PROMPT_NOT_FOUND'));
  expect(await client.prompt.update.mutate(change)).toMatchObject({ id, name: 'Disk', text: 'x' });
  await client.prompt.remove.mutate({ promptId: id });
  expect(await client.prompt.list.query()).toMatchObject([{ name: 'Backups' }]);
});

test('an administrator shares a prompt with all members, who use it and do not change it', async () => {
  await using world = await createFixture();
  const { app } = world;
  const [admin, other, operator] = [
    app.client(await app.newUser({ role: 'admin' })),
    app.client(await app.newUser({ role: 'admin' })),
    app.client(await app.newUser({ role: 'operator' })),
  ];
  const { id } = await admin.prompt.create.mutate({ ...prompt, shared: true });
  expect(await operator.prompt.list.query()).toMatchObject([{ id, shared: true, mine: false }]);
  const change = { promptId: id, ...prompt, text: 'changed', shared: true };
  expect(await getRefusal(operator.prompt.update.mutate(change))).toMatchObject(refusedBy('PROMPT_NOT_FOUND'));
  expect(await getRefusal(operator.prompt.create.mutate({ ...prompt, shared: true }))).toMatchObject(
    refusedBy('FORBIDDEN'),
  );
  const own = await operator.prompt.create.mutate(prompt);
  const share = { promptId: own.id, ...prompt, shared: true };
  expect(await getRefusal(operator.prompt.update.mutate(share))).toMatchObject(refusedBy('FORBIDDEN'));
  expect(await other.prompt.update.mutate(change)).toMatchObject({ text: 'changed', mine: false });
});

test('an administrator who makes the shared prompt of another person private gets the result, and no longer sees it', async () => {
  await using world = await createFixture();
  const { app, client } = world;
  const admin = app.client(await app.newUser({ role: 'admin' }));
  const { id } = await client.prompt.create.mutate({ ...prompt, shared: true });
  const change = { promptId: id, ...prompt, shared: false };
  expect(await admin.prompt.update.mutate(change)).toMatchObject({ id, shared: false, mine: false });
  expect(await admin.prompt.list.query()).toEqual([]);
  expect(await client.prompt.list.query()).toMatchObject([{ id, shared: false, mine: true }]);
});

test('the shared prompts of a member who leaves remain, and the others are deleted', async () => {
  await using world = await createFixture();
  const { app, client, user } = world;
  await client.prompt.create.mutate({ ...prompt, name: 'Shared', shared: true });
  await client.prompt.create.mutate({ ...prompt, name: 'Private' });
  const owner = app.client(await app.newUser());
  await owner.member.remove.mutate({ userId: user.id });
  expect(await owner.prompt.list.query()).toMatchObject([{ name: 'Shared', shared: true, mine: true }]);
  expect(await app.tenant.savedPrompt.count()).toBe(1);
});

test('the number and size of prompts are limited', async () => {
  await using world = await createFixture();
  const { app, client, user } = world;
  const rows = Array.from({ length: 200 }, () => ({
    ...prompt,
    id: crypto.randomUUID(),
    ownerId: user.id,
    isShared: false,
  }));
  await app.tenant.savedPrompt.createMany({ data: rows });
  expect(await getRefusal(client.prompt.create.mutate(prompt))).toMatchObject(refusedBy('TOO_MANY_PROMPTS'));
  for (const text of [' ', 'x'.repeat(100_001)])
    expect(await getRefusal(client.prompt.create.mutate({ name: 'x', text }))).toMatchObject(
      refusedBy('INVALID_INPUT'),
    );
});
