import { parseArgs } from 'node:util';
import { AddPerson, addPerson } from '@it0/api/auth/add-person';
import { createKeys } from '@it0/api/auth/keys';
import { Role } from '@it0/contracts/permissions';
import { signInUrl } from '../addresses.ts';
import { readEnv } from '../env.ts';
import { findSecret } from '../secret.ts';
import { command, openDatabase, say } from './command.ts';

const usage = `npm run user:add -- --email ada@example.com [--name Ada] [--role ${Role.options.join('|')}] [--tenant <id or name>]`;
const text = { type: 'string' } as const;

/** `npm run user:add`: makes a person, or helps one back in, with a link that signs them in once. */
await command(async () => {
  const { values } = parseArgs({ options: { email: text, name: text, role: text, tenant: text } });
  const person = AddPerson.parse(values);
  const env = readEnv();
  const secret = env.IT0_SECRET ?? findSecret(env.IT0_DATA);
  if (!secret) throw new Error('There is no secret. Set IT0_SECRET to the one that the servers have.');
  await using db = await openDatabase(env);
  const { name, tenantName, role, isNew, joined, token } = await addPerson(db, createKeys(secret), person);
  const what = isNew ? 'is new, and a member' : joined ? 'is a member now' : 'was a member already';
  say(`✓ ${name} ${what} of ${tenantName}, as ${role}. This link signs them in, once, within a day:`);
  const listening = { host: env.HOST, port: env.PORT, publicUrl: env.IT0_URL };
  say(`\n${signInUrl(listening, token)}\n`);
}, usage);
