import { randomUUID } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AddPerson, addPerson } from '@it0/api/auth/add-person';
import { createDatabase } from '@it0/db/database';
import { findEmbedded, startEmbedded } from '@it0/db/embedded';
import { toTenantSchema } from '@it0/db/sql';
import { testApp } from '@it0/tests/support/app';
import { runCommand } from '@it0/tests/support/command';
import { redeemSignInLink } from '@it0/tests/support/sign-in-link';
import { expect, test } from 'vitest';

test('tenants lists the status of each tenant, and exits with 1 when one is broken', async () => {
  await using app = await testApp();
  await app.newUser();
  const env = { DATABASE_URL: app.database.url };
  const fine = await runCommand('tenants', [], env);
  expect(fine.output).toMatch(
    /^✓ Acme: 01990000-\S+\n {4}schema tenant_01990000\w+, 2 members, [\d.]+ KB\n {4}version \d+_\w+\n/,
  );
  const id = await app.database.createTenant({ name: 'Globex' });
  await app.database.pool.query(`UPDATE ${toTenantSchema(id)}."_prisma_migrations" SET checksum = 'other'`);
  const broken = await runCommand('tenants', [], env);
  expect(broken).toMatchObject({
    code: 1,
    output: expect.stringMatching(/✗ Globex: .*\n.*\n {4}broken: .*was edited/),
  });
  expect(fine.code).toBe(0);
});

test('a command with invalid arguments prints one line and its usage', async () => {
  await using app = await testApp();
  const env = { DATABASE_URL: app.database.url, IT0_SECRET: app.secret };
  const nowhere = { DATABASE_URL: 'postgresql://127.0.0.1:1/none' };
  const cases = [
    ['tenants', env, ['remove', 'acme'], /^✗ id: Invalid UUID\nnpm run tenants/],
    ['tenants', env, ['export', randomUUID()], /^✗ There is no tenant \S+\. npm run tenants lists them\.\n$/],
    ['tenants', nowhere, [], /^✗ The database cannot be reached\./],
    ['user-add', env, ['--mail', 'a@example.com'], /^✗ Unknown option '--mail'.*\nnpm run user:add -- --email/],
    ['user-add', env, ['--email', 'a@example.com', '--role', 'king'], /^✗ role: .*"viewer"\n/],
  ] as const;
  const outcomes = await Promise.all(cases.map(([name, env, args]) => runCommand(name, [...args], env)));
  expect(outcomes).toEqual(cases.map(([, , , expected]) => ({ code: 1, output: expect.stringMatching(expected) })));
});

test('user:add creates a person with a sign-in link, and a new link for an existing address', async () => {
  await using app = await testApp();
  const env = { DATABASE_URL: app.database.url, IT0_SECRET: app.secret, IT0_URL: app.url };
  const add = (...args: string[]) => runCommand('user-add', ['--email', 'Grace@Example.com', ...args], env);
  async function signIn({ output }: { output: string }) {
    const opened = await redeemSignInLink(/http:\S+/.exec(output)![0]);
    return app.client({ cookie: opened.headers.get('set-cookie')!.split(';')[0]! }).auth.me.query();
  }
  const added = await add('--name', 'Grace', '--role', 'operator');
  expect(added.output).toMatch(/^✓ Grace was added to Acme as operator\./);
  expect(await signIn(added)).toMatchObject({
    user: { name: 'Grace', email: 'grace@example.com' },
    tenant: { name: 'Acme', role: 'operator' },
  });
  const second = await add('--role', 'owner');
  expect(second.output).toMatch(/^✓ Grace is already a member of Acme as operator\./);
  expect((await signIn(second)).tenant?.role).toBe('operator');
});

test('user:add requires a tenant when there are several, unless the person is a member', async () => {
  await using app = await testApp();
  const { database, services } = app;
  const add = (email: string, tenant?: string) =>
    addPerson(database, services.keys, AddPerson.parse({ email, tenant }));
  expect(await add('a@example.com')).toMatchObject({ name: 'a', tenantName: 'Acme', role: 'viewer', isNew: true });
  await database.createTenant({ name: 'Globex' });
  await expect(add('b@example.com')).rejects.toThrow(/--tenant: Acme \(\S+\), Globex \(\S+\)$/);
  await expect(add('b@example.com', 'Initech')).rejects.toMatchObject({ reason: 'TENANT_NOT_FOUND' });
  expect(await add('b@example.com', app.tenantId)).toMatchObject({ tenantName: 'Acme', isNew: true });
  expect(await add('a@example.com', 'Globex')).toMatchObject({ tenantName: 'Globex', isNew: false, joined: true });
  expect(await add('a@example.com')).toMatchObject({ tenantName: 'Acme', joined: false });
});

test('a command starts and stops the embedded database when no server runs', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'it0-commands-'));
  const data = join(dataDir, 'postgres');
  const nothing = await runCommand('tenants', [], { IT0_DATA: dataDir });
  expect(nothing).toMatchObject({ code: 1, output: expect.stringContaining('npm start') });
  const postgres = await startEmbedded(data);
  const db = createDatabase({ url: postgres.url });
  await db.migrate();
  const id = await db.createTenant({ name: 'Acme' });
  await db[Symbol.asyncDispose]();

  const beside = await runCommand('tenants', ['export', id], { IT0_DATA: dataDir });
  await postgres.stop();
  const alone = await runCommand('tenants', ['remove', id, '--yes'], { IT0_DATA: dataDir });
  expect([beside, alone]).toMatchObject([
    { code: 0, output: expect.stringMatching(/^✓ Acme: \d+ rows in /) },
    { code: 0, output: expect.stringMatching(/^✓ Acme was deleted\./) },
  ]);
  expect(readdirSync(join(dataDir, 'exports')).length).toBe(2);
  expect(await findEmbedded(data)).toBeNull();
  rmSync(dataDir, { recursive: true });
});

test('names and reports of bridges cannot print escape sequences or extra lines to a terminal', async () => {
  await using app = await testApp();
  const evil = '\u001b]0;owned\u0007\u001b[2J\u009b2J\u202ex\n✓ database: all is well';
  await app.database.platform.organization.updateMany({ data: { name: evil } });
  const instance = await app.newInstance(await app.newUser(), { status: 'ERROR' });
  await app.tenant.agentInstance.update({
    where: { id: instance.id },
    data: { driver: 'remote', bridgeHost: evil, statusReason: 'AGENT_NOT_READY', statusDetail: evil },
  });
  const env = { DATABASE_URL: app.database.url, IT0_SECRET: app.secret };
  const expected = await Promise.all([
    runCommand('tenants', [], env),
    runCommand('doctor', [], env),
    runCommand('tenants', ['remove', app.tenantId], env),
    runCommand('user-add', ['--email', 'x@example.com', '--name', 'Eve'], env),
  ]);
  for (const { output } of expected) {
    expect(output).toContain('database: all is well');
    expect(output).not.toMatch(/[^\P{C}\n]/u);
    expect(output).not.toContain('owned');
  }
  // Only the doctor's own line about the database.
  expect(expected[1]!.output.match(/^✓ database: .*$/gm)).toEqual([expect.stringContaining('PostgreSQL')]);
});
