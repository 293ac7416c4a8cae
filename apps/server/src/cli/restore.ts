import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { createDatabase } from '@it0/db/database';
import { startEmbedded } from '@it0/db/embedded';
import { z } from 'zod';
import { createAttachmentStore } from '../attachments/store.ts';
import { restoreBackup } from '../backup/restore-backup.ts';
import { type Env, readEnv } from '../env.ts';
import { createProgress, print, runCommand } from './command.ts';

const usage = 'npm run restore -- <backup>    restores a backup into an empty data folder and database';

/** Opens the configured database, or creates the embedded one. No server may use it. */
async function openEmptyDatabase({ DATABASE_URL, IT0_DATA }: Env) {
  await using resources = new AsyncDisposableStack();
  const url =
    DATABASE_URL ?? resources.adopt(await startEmbedded(join(IT0_DATA, 'postgres')), (embedded) => embedded.stop()).url;
  const { pool } = resources.use(createDatabase({ url }));
  const handle = resources.move();
  return { pool, [Symbol.asyncDispose]: () => handle.disposeAsync() };
}

await runCommand(async () => {
  const { positionals } = parseArgs({ allowPositionals: true });
  const path = z.string('The folder of the backup is missing.').parse(positionals[0]);
  const env = readEnv();
  const { createdAt, database } = await restoreBackup({
    path: resolve(path),
    openDatabase: () => openEmptyDatabase(env),
    ...{ dataDir: env.IT0_DATA, secret: env.IT0_SECRET, attachments: createAttachmentStore(env) },
    onProgress: createProgress(),
  });
  print(`✓ Restored the state of ${createdAt}: ${database.schemas.length - 1} organizations.`);
  print('  Start it with npm start, then check it with npm run doctor.');
}, usage);
