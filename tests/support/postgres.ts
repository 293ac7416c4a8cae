import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDatabase } from '@it0/db/database';
import { startEmbedded } from '@it0/db/embedded';
import { SERVER_ROLE } from '@it0/db/embedded/server-role';
import { isAlive } from '@it0/node/process';
import type { TestProject } from 'vitest/node';
import { allowDatabases } from './allow-databases.ts';
import { databaseUrl, template } from './database.ts';

const prefix = 'it0-tests-';

/** Starts one Postgres for the run, with the template of all test databases. */
export default async function setup({ provide }: TestProject) {
  removeAbandoned();
  const folder = mkdtempSync(join(tmpdir(), `${prefix}${process.pid}-`));
  const postgres = await startEmbedded(join(folder, 'postgres'));
  await allowDatabases(
    postgres.adminUrl,
    // Test data needs no durability.
    'ALTER SYSTEM SET fsync = off',
    // The server's role cannot end a vacuum worker, so `DROP DATABASE … WITH (FORCE)` would fail while one runs.
    'ALTER SYSTEM SET autovacuum = off',
    'SELECT pg_reload_conf()',
    // Lets tests copy the tables of a tenant in any order.
    `GRANT SET ON PARAMETER session_replication_role TO ${SERVER_ROLE}`,
  );
  await makeTemplate(postgres.url);
  provide('postgresUrl', postgres.url);
  return async () => {
    await postgres.stop();
    rmSync(folder, { recursive: true });
  };
}

async function makeTemplate(url: string) {
  await using admin = createDatabase({ url });
  await admin.pool.query(`CREATE DATABASE ${template.name}`);
  await using db = createDatabase({ url: databaseUrl(url, template.name) });
  await db.migrate();
  await db.createTenant({ id: template.tenantId, name: 'Acme' });
}

/** Deletes the folders of runs that were killed. */
function removeAbandoned() {
  for (const name of readdirSync(tmpdir())) {
    const pid = Number(name.match(`^${prefix}(\\d+)-`)?.[1]);
    if (pid && !isAlive(pid)) rmSync(join(tmpdir(), name), { recursive: true, force: true });
  }
}
