import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createFolderStore } from '@it0/server/attachments/folder-store';
import { testApp } from '@it0/tests/support/app';
import { runCommand } from '@it0/tests/support/command';
import { emptyDatabase } from '@it0/tests/support/database';
import { createFixture } from '@it0/tests/support/fixture';
import { expect, test } from 'vitest';
import { createData } from './create-data.ts';
import { readData } from './read-data.ts';

/** Backups of earlier versions, each with what could be read there. `IT0_KEEP_BACKUP` names a folder for a new one. */
const BACKUPS = fileURLToPath(new URL('backups', import.meta.url));
const EXPECTED = 'expected.json';

function temporaryFolder() {
  const path = mkdtempSync(join(tmpdir(), 'it0-upgrade-'));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

/** Restores a backup into an empty place, and starts a server there, which migrates it. */
async function restore(backup: string) {
  const stack = new AsyncDisposableStack();
  const dataDir = stack.use(temporaryFolder());
  // Dropped with the server.
  const database = await emptyDatabase();
  const env = { DATABASE_URL: database.url, IT0_DATA: dataDir.path };
  expect(await runCommand('restore', [backup], env)).toMatchObject({ code: 0 });
  const secret = readFileSync(join(dataDir.path, 'secret'), 'utf8');
  const attachments = createFolderStore(join(dataDir.path, 'attachments'));
  const app = stack.use(await testApp({ secret, database, attachments }));
  const { ownerId } = await app.tenant.agentSession.findFirstOrThrow();
  return {
    data: await readData(app, await app.newLogin(ownerId)),
    doctor: await runCommand('doctor', [], env),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

test.each(readdirSync(BACKUPS))('the data of a server of %s is complete after an upgrade', async (version) => {
  const backup = join(BACKUPS, version);
  await using restored = await restore(backup);
  // Later versions may add fields.
  expect(restored.data).toMatchObject(JSON.parse(readFileSync(join(backup, EXPECTED), 'utf8')));
  expect(restored.doctor.output).toContain('✓ database');
});

test('the data of a server is complete after a backup and a restore elsewhere', async () => {
  await using world = await createFixture();
  const { app, user } = world;
  await createData(world);
  const expected = await readData(app, user);
  writeFileSync(join(app.dataDir, 'secret'), app.secret);
  using folder = temporaryFolder();
  const env = { DATABASE_URL: app.database.url, IT0_DATA: app.dataDir };
  expect(await runCommand('backup', ['--to', folder.path], env)).toMatchObject({ code: 0 });
  const backup = join(folder.path, readdirSync(folder.path)[0]!);
  await using restored = await restore(backup);
  expect(restored.data).toEqual(expected);
  if (!process.env.IT0_KEEP_BACKUP) return;
  writeFileSync(join(backup, EXPECTED), JSON.stringify(expected, null, 2));
  renameSync(backup, process.env.IT0_KEEP_BACKUP);
});
