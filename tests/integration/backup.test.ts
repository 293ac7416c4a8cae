import { randomUUID } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createFolderStore } from '@it0/server/attachments/folder-store';
import { testApp } from '@it0/tests/support/app';
import { runCommand } from '@it0/tests/support/command';
import { emptyDatabase } from '@it0/tests/support/database';
import { createFixture } from '@it0/tests/support/fixture';
import { upload } from '@it0/tests/support/upload';
import { expect, test } from 'vitest';

function temporaryFolder() {
  const path = mkdtempSync(join(tmpdir(), 'it0-restored-'));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

const listBackups = (folder: string) => readdirSync(folder).map((name) => join(folder, name));

test('a backup of a working server has every message acknowledged before it, and its restore works elsewhere', async () => {
  await using world = await createFixture();
  const { app, user, instance, client } = world;
  writeFileSync(join(app.dataDir, 'secret'), app.secret);
  const form = new FormData();
  form.append('file', new Blob(['disk usage']), 'usage.txt');
  const file = await upload(app.url, { cookie: user.cookie }, form);
  const first = await client.instance.createTask.mutate({
    ...{ instanceId: instance.id, message: 'with a file', requestId: randomUUID() },
    attachmentIds: [file.body.id],
  });

  // Messages are sent all the while. `acknowledged` counts those before the backup began.
  const sent: string[] = [];
  const stop = new AbortController();
  const sending = (async () => {
    while (!stop.signal.aborted) {
      const message = `message ${sent.length}`;
      await client.instance.createTask.mutate({ instanceId: instance.id, message, requestId: randomUUID() });
      sent.push(message);
    }
  })();
  await expect.poll(() => sent.length).toBeGreaterThan(3);
  const acknowledged = [...sent];
  using folder = temporaryFolder();
  const env = { DATABASE_URL: app.database.url, IT0_DATA: app.dataDir };
  const made = await runCommand('backup', ['--to', folder.path], env);
  stop.abort();
  await sending;
  expect(made).toMatchObject({ code: 0, output: expect.stringContaining('1 organizations, 1 attachments') });

  const [backup] = listBackups(folder.path);
  using dataDir = temporaryFolder();
  // Dropped with the restored app.
  const database = await emptyDatabase();
  const restoredEnv = { DATABASE_URL: database.url, IT0_DATA: dataDir.path };
  expect(await runCommand('restore', [backup!], restoredEnv)).toMatchObject({ code: 0 });

  const secret = readFileSync(join(dataDir.path, 'secret'), 'utf8');
  expect(secret).toBe(app.secret);
  await using restored = await testApp({
    secret,
    database,
    attachments: createFolderStore(join(dataDir.path, 'attachments')),
  });
  const other = restored.client(user);
  const { items } = await other.instance.sessions.query({ instanceId: instance.id, limit: 100 });
  const titles = items.map(({ title }) => title);
  expect(titles).toEqual(expect.arrayContaining(acknowledged.slice(-50)));
  const { messages } = await other.session.messages.query({ sessionId: first.sessionId });
  const attachment = messages[0]!.parts.find((part) => part.type === 'attachment')!;
  const content = await fetch(`${restored.url}/api/v1/agent/attachments/${attachment.id}`, {
    headers: { cookie: user.cookie },
  });
  expect(await content.text()).toBe('disk usage');
  const doctor = await runCommand('doctor', [], restoredEnv);
  expect(doctor.output).toContain('✓ database');
});

test('restore refuses what would overwrite data or could not be decrypted, and can then be repeated', async () => {
  await using app = await testApp();
  await app.newUser();
  writeFileSync(join(app.dataDir, 'secret'), app.secret);
  using folder = temporaryFolder();
  using dataDir = temporaryFolder();
  await using database = await emptyDatabase();
  await runCommand('backup', ['--to', folder.path], { DATABASE_URL: app.database.url, IT0_DATA: app.dataDir });
  const [backup] = listBackups(folder.path);
  const env = { DATABASE_URL: database.url, IT0_DATA: dataDir.path };

  const refusals = [
    await runCommand('restore', [], env),
    await runCommand('restore', [folder.path], env),
    await runCommand('restore', [backup!], { ...env, IT0_SECRET: 'another secret of some length, at least 32' }),
    await runCommand('restore', [backup!], { DATABASE_URL: app.database.url, IT0_DATA: dataDir.path }),
  ];
  expect(refusals).toEqual(
    [/The folder of the backup is missing/, /is not a complete backup/, /Another secret is in use/, /not empty/].map(
      (message) => ({ code: 1, output: expect.stringMatching(message) }),
    ),
  );
  expect(await runCommand('restore', [backup!], env)).toMatchObject({ code: 0 });
});

test('a backup is readable by its owner only, and contains no secret that the environment has', async () => {
  await using app = await testApp();
  using folder = temporaryFolder();
  const env = { DATABASE_URL: app.database.url, IT0_DATA: app.dataDir, IT0_SECRET: app.secret };
  const { output } = await runCommand('backup', ['--to', folder.path], env);
  expect(output).toContain('Store IT0_SECRET with it');
  const [backup] = listBackups(folder.path);
  expect(existsSync(join(backup!, 'secret'))).toBe(false);
  const entries = readdirSync(backup!, { recursive: true, encoding: 'utf8' });
  const open = entries.filter((name) => (statSync(join(backup!, name)).mode & 0o077) !== 0);
  expect(open).toEqual([]);
});

test('a backup with a damaged attachment fails with its name, and leaves nothing', async () => {
  await using app = await testApp();
  const user = await app.newUser();
  writeFileSync(join(app.dataDir, 'secret'), app.secret);
  const form = new FormData();
  form.append('file', new Blob(['content']), 'a.txt');
  const { id } = (await upload(app.url, { cookie: user.cookie }, form)).body as { id: string };
  writeFileSync(join(app.dataDir, 'attachments', app.tenantId, id), 'changed');
  using folder = temporaryFolder();
  const env = { DATABASE_URL: app.database.url, IT0_DATA: app.dataDir };
  const result = await runCommand('backup', ['--to', folder.path], env);
  expect(result).toMatchObject({ code: 1, output: expect.stringContaining(`${id} is damaged`) });
  expect(readdirSync(folder.path)).toEqual([]);
});
