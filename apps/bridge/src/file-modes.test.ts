import { chmodSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pino from 'pino';
import { expect, test } from 'vitest';
import { createAttachments } from './attachments.ts';
import { openSessions } from './engines/claude-cli/sessions.ts';
import { openOutboxStore } from './outbox-store.ts';
import { fakeServer } from './testing/fake-server.ts';
import { temporaryFolder } from './testing/folder.ts';

/** Lists the files of a folder that other accounts than its owner can access. */
const listOpenFiles = (folder: string) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => (statSync(join(folder, name)).mode & 0o077) !== 0)
    .sort();

test('a bridge’s files are accessible to their owner only, including files of an older version', async () => {
  using folder = temporaryFolder();
  await using server = await fakeServer();
  const dir = folder.path;
  writeFileSync(join(dir, 'outbox.db'), '');
  chmodSync(join(dir, 'outbox.db'), 0o644);
  expect(listOpenFiles(dir)).toEqual(['outbox.db']);

  using store = openOutboxStore(dir);
  const task = server.newTask({ attachments: [server.newAttachment('report.txt', 'text/plain', 'twelve bytes')] });
  store.accept(task, Date.now() + 60_000);
  const attachments = createAttachments({ dir, log: pino({ level: 'silent' }) });
  await attachments.fetchAll(() => task, new AbortController().signal);
  mkdirSync(join(dir, 'claude'), { mode: 0o700 });
  openSessions(join(dir, 'sessions'), join(dir, 'claude')).save(task.sessionKey, 'one');
  const written = readdirSync(dir, { recursive: true, encoding: 'utf8' });
  expect(written).toEqual(expect.arrayContaining(['outbox.db', 'outbox.db-wal', `attachments/${task.taskId}`]));
  expect(listOpenFiles(dir)).toEqual([]);
});
