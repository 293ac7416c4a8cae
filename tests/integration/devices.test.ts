import { randomUUID } from 'node:crypto';
import { createFixture } from '@it0/tests/support/fixture';
import { follow } from '@it0/tests/support/follow';
import { getRefusal } from '@it0/tests/support/refusal';
import { until } from '@it0/tests/support/until';
import { expect, test } from 'vitest';

const refused = (reason: string) => ({ data: { reason } });

test('a revoked device gets no more events, and other devices continue', async () => {
  await using world = await createFixture();
  const { app, user, bridge } = world;
  const phone = app.client({ bearer: (await app.newLogin(user.id)).bearer });
  const { sessionId, task } = await world.send();
  await bridge.report(task, { type: 'task', status: 'RUNNING' });
  using thisClient = follow(world.client, sessionId, '0');
  using revokedClient = follow(phone, sessionId, '0');
  await Promise.all([
    thisClient.next('task', ({ status }) => status === 'RUNNING'),
    revokedClient.next('task', ({ status }) => status === 'RUNNING'),
  ]);

  const devices = await world.client.device.list.query();
  expect(devices.map(({ isThis }) => isThis).sort()).toEqual([false, true]);
  const other = devices.find(({ isThis }) => !isThis)!;
  const stranger = app.client(await app.newUser());
  expect(await getRefusal(stranger.device.revoke.mutate({ id: other.id }))).toMatchObject(refused('DEVICE_NOT_FOUND'));
  expect(await getRefusal(world.client.device.revoke.mutate({ id: randomUUID() }))).toMatchObject(
    refused('DEVICE_NOT_FOUND'),
  );
  await world.client.device.revoke.mutate({ id: other.id });

  expect(await getRefusal(phone.auth.me.query())).toMatchObject(refused('NOT_SIGNED_IN'));
  expect(await until(() => revokedClient.errors[0])).toMatchObject(refused('NOT_SIGNED_IN'));
  const received = revokedClient.events().length;
  await bridge.report(task, { type: 'completed', text: 'done' });
  await thisClient.next('completed');
  expect(revokedClient.events()).toHaveLength(received);
});

test('revokeOthers signs out all other devices', async () => {
  await using world = await createFixture();
  const { app, user, client } = world;
  const otherClients = [await app.newLogin(user.id), await app.newLogin(user.id)];
  await client.device.revokeOthers.mutate();
  for (const other of otherClients)
    expect(await getRefusal(app.client(other).auth.me.query())).toMatchObject(refused('NOT_SIGNED_IN'));
  expect(await client.device.list.query()).toMatchObject([{ isThis: true }]);
});

test('open streams are checked again after a member is removed or changes role', async () => {
  await using world = await createFixture();
  const { app, client: owner, instance } = world;
  const colleague = await app.newUser({ role: 'operator' });
  await owner.instance.share.mutate({ instanceId: instance.id, with: { role: 'operator' } });
  const otherClient = app.client(colleague);
  const { sessionId } = await world.send();
  using watched = follow(otherClient, sessionId, '0');
  await watched.next('message');
  // A share with operators does not apply to viewers.
  await owner.member.setRole.mutate({ userId: colleague.id, role: 'viewer' });
  expect(await until(() => watched.errors[0])).toMatchObject(refused('SESSION_NOT_FOUND'));

  await owner.instance.share.mutate({ instanceId: instance.id, with: { role: 'viewer' } });
  using viewerEvents = follow(otherClient, sessionId, '0');
  await viewerEvents.next('message');
  await owner.member.remove.mutate({ userId: colleague.id });
  expect(await until(() => viewerEvents.errors[0])).toMatchObject(refused('NO_TENANT'));
});
