import { parseArgs } from 'node:util';
import { AddPerson, addPerson } from '@it0/api/auth/add-person';
import { createKeys } from '@it0/api/keys';
import { Role } from '@it0/contracts/permissions';
import { toSignInUrl } from '../addresses.ts';
import { readEnv } from '../env.ts';
import { findSecret } from '../secret.ts';
import { openDatabase, print, runCommand } from './command.ts';

const usage = `npm run user:add -- --email ada@example.com [--name Ada] [--role ${Role.options.join('|')}] [--tenant <id or name>]`;
const text = { type: 'string' } as const;

/**
 * Runs `npm run user:add`: adds a person to a tenant and prints a one-time sign-in link, also for an existing member.
 */
await runCommand(async () => {
  const { values } = parseArgs({ options: { email: text, name: text, role: text, tenant: text } });
  const person = AddPerson.parse(values);
  const env = readEnv();
  const secret = env.IT0_SECRET ?? findSecret(env.IT0_DATA);
  if (!secret) throw new Error('No secret found. Set IT0_SECRET to the secret of the servers.');
  await using db = await openDatabase(env);
  const { name, tenantName, role, isNew, joined, token } = await addPerson(db, createKeys(secret), person);
  const change = isNew || joined ? 'was added to' : 'is already a member of';
  print(`✓ ${name} ${change} ${tenantName} as ${role}. This link signs them in once, within a day:`);
  const server = { host: env.HOST, port: env.PORT, publicUrl: env.IT0_URL };
  print(`\n${toSignInUrl(server, token)}\n`);
}, usage);
