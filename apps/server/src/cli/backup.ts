import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { createAttachmentStore } from '../attachments/store.ts';
import { createBackup } from '../backup/create-backup.ts';
import { readEnv } from '../env.ts';
import { findSecret } from '../secret.ts';
import { createProgress, openDatabase, print, runCommand } from './command.ts';

const usage = `npm run backup                  backs up the database, attachments and secret to the data folder
npm run backup -- --to <dir>    creates the backup's folder in another one`;

await runCommand(async () => {
  const { values } = parseArgs({ options: { to: { type: 'string' } } });
  const env = readEnv();
  const secret = env.IT0_SECRET ?? findSecret(env.IT0_DATA);
  if (secret === undefined) throw new Error(`There is no data in ${env.IT0_DATA} yet. Run npm start first.`);
  await using db = await openDatabase(env);
  const { path, manifest, missing } = await createBackup({
    ...{ db, secret, attachments: createAttachmentStore(env), onProgress: createProgress() },
    includeSecret: env.IT0_SECRET === undefined,
    dir: resolve(values.to ?? join(env.IT0_DATA, 'backups')),
  });
  const { schemas, attachments } = manifest.database;
  print(`✓ ${path}`);
  print(`  ${schemas.length - 1} organizations, ${attachments.length - missing.length} attachments`);
  if (env.IT0_SECRET !== undefined) print('  Store IT0_SECRET with it: the backup does not contain it.');
}, usage);
