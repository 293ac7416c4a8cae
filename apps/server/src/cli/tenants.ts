import { parseArgs } from 'node:util';
import { Id } from '@it0/contracts/ids';
import { z } from 'zod';
import { attachmentStore } from '../attachments/store.ts';
import { type Env, readEnv } from '../env.ts';
import { command, openDatabase, say } from './command.ts';
import { sayTenants } from './tenants/list.ts';
import { sayExport, sayRemoval } from './tenants/remove.ts';

const usage = `npm run tenants                          how every tenant stands; ends with 1 when one is broken
npm run tenants -- export <id>           writes everything of one to a file
npm run tenants -- remove <id> --yes     does that, and removes it for good; without --yes it says what it would do`;

const Asked = z.discriminatedUnion('action', [
  z.object({ action: z.literal('list') }),
  z.object({ action: z.literal('export'), id: Id }),
  z.object({ action: z.literal('remove'), id: Id, yes: z.boolean() }),
]);

const keptBy = (env: Env) => ({ dataDir: env.IT0_DATA, attachments: attachmentStore(env) });

/** `npm run tenants`: beside the servers that run, or without one. */
await command(async () => {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: { yes: { type: 'boolean' } } });
  const [action = 'list', id] = positionals;
  const asked = Asked.parse({ action, id, yes: values.yes ?? false });
  const env = readEnv();
  await using db = await openDatabase(env);
  if (asked.action === 'list') process.exitCode = (await sayTenants(db, say)) ? 0 : 1;
  else if (asked.action === 'export') await sayExport(db, asked.id, keptBy(env), say);
  else await sayRemoval(db, asked, keptBy(env), say);
}, usage);
