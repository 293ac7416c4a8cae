import { randomUUID } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { removeInaccessible } from '@it0/api/agent/attachment/remove-inaccessible';
import type { AttachmentStore } from '@it0/api/agent/attachment/store';
import { createS3Store } from '@it0/server/attachments/s3-store';
import { examine } from '@it0/server/cli/doctor/examine';
import { testApp } from '@it0/tests/support/app';
import { createFixture } from '@it0/tests/support/fixture';
import { testS3 } from '@it0/tests/support/s3';
import { createForm, upload } from '@it0/tests/support/upload';
import { expect, test } from 'vitest';

test('files in a bucket are available to every server, and deleted by the cleanup', async () => {
  await using s3 = await testS3();
  const store = createS3Store(s3);
  await using world = await createFixture({ attachments: store });
  const { app, client, instance, user } = world;
  const headers = { authorization: `Bearer ${user.bearer}` };
  const content = 'x'.repeat(6 * 1024 * 1024);
  const { body } = await upload(app.url, headers, createForm('large.log', content));
  const message = 'read this';
  const input = { instanceId: instance.id, message, requestId: randomUUID(), attachmentIds: [body.id] };
  await client.instance.createTask.mutate(input);
  const other = await app.another({ attachments: createS3Store(s3) });
  const response = await fetch(`${other.url}/api/v1/agent/attachments/${body.id}`, { headers });
  expect([response.status, (await response.text()) === content]).toEqual([200, true]);
  expect(readdirSync(join(app.dataDir, 'uploads'))).toEqual([]);
  expect(existsSync(join(app.dataDir, 'attachments'))).toBe(false);

  await app.tenant.agentInstance.delete({ where: { id: instance.id } });
  await removeInaccessible(app.services, new AbortController().signal);
  expect(await store.open(`${app.tenantId}/${body.id}`)).toBeNull();
  expect(await app.tenant.attachment.count()).toBe(0);
});

test('an upload fails when the bucket refuses access', async () => {
  await using s3 = await testS3();
  await using world = await createFixture({ attachments: createS3Store({ ...s3, secretAccessKey: 'wrong' }) });
  const headers = { authorization: `Bearer ${world.user.bearer}` };
  const { status, body } = await upload(world.app.url, headers, createForm('a.txt', 'a'));
  expect([status, body.reason]).toEqual([500, 'INTERNAL']);
  expect(await world.app.tenant.attachment.count()).toBe(0);
  expect(readdirSync(join(world.app.dataDir, 'uploads'))).toEqual([]);
});

test('doctor warns when several servers store files in folders, or a bucket cannot be read', async () => {
  await using s3 = await testS3();
  await using app = await testApp();
  await app.another();
  const examineAttachments = async (bucket?: AttachmentStore) => {
    const url = app.database.url;
    for await (const finding of examine({ url, databaseUrl: url, secret: app.secret, bucket })) {
      if (finding.subject === 'attachments') return [finding.state, finding.advice !== null];
    }
  };
  expect(await examineAttachments()).toEqual(['in the data folder of each server', true]);
  expect(await examineAttachments(createS3Store(s3))).toEqual(['in a bucket', false]);
  expect(await examineAttachments(createS3Store({ ...s3, secretAccessKey: 'wrong' }))).toEqual([
    'the bucket cannot be read',
    true,
  ]);
});
