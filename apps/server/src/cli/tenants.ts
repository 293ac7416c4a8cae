import { parseArgs } from 'node:util';
import { Id } from '@it0/contracts/ids';
import { z } from 'zod';
import { createAttachmentStore } from '../attachments/store.ts';
import { type Env, readEnv } from '../env.ts';
import { openDatabase, print, runCommand } from './command.ts';
import { printTenants } from './tenants/list.ts';
import { runExport, runRemoval } from './tenants/remove.ts';

const usage = `npm run tenants                          lists all tenants; the exit code is 1 when one is broken
npm run tenants -- export <id>           exports all data of a tenant to a file
npm run tenants -- remove <id> --yes     exports a tenant and deletes it permanently; a dry run without --yes`;

const Arguments = z.discriminatedUnion('action', [
  z.object({ action: z.literal('list') }),
  z.object({ action: z.literal('export'), id: Id }),
  z.object({ action: z.literal('remove'), id: Id, yes: z.boolean() }),
]);

const createStorage = (env: Env) => ({ dataDir: env.IT0_DATA, attachments: createAttachmentStore(env) });

await runCommand(async () => {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: { yes: { type: 'boolean' } } });
  const [action = 'list', id] = positionals;
  const input = Arguments.parse({ action, id, yes: values.yes ?? false });
  const env = readEnv();
  await using db = await openDatabase(env);
  if (input.action === 'list') process.exitCode = (await printTenants(db, print)) ? 0 : 1;
  else if (input.action === 'export') await runExport(db, input.id, createStorage(env), print);
  else await runRemoval(db, input, createStorage(env), print);
}, usage);
