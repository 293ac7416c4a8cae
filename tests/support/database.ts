import { randomUUID } from 'node:crypto';
import { createDatabase, type Database } from '@it0/db/database';
import pg from 'pg';
import { inject } from 'vitest';

declare module 'vitest' {
  interface ProvidedContext {
    postgresUrl: string;
  }
}

export const template = { name: 'template_it0', tenantId: '01990000-0000-7000-8000-000000000001' };

export type TestDatabase = Database & { url: string; tenantId: string };

/** Creates a database with the tables of the platform and one tenant, as a copy of the template: about 0.1 s. */
export const testDatabase = () => createTestDatabase(`TEMPLATE ${template.name}`);

/** Creates a database without tables. */
export const emptyDatabase = () => createTestDatabase();

async function createTestDatabase(options = ''): Promise<TestDatabase> {
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await administer(`CREATE DATABASE ${name} ${options}`);
  const url = databaseUrl(inject('postgresUrl'), name);
  const db = createDatabase({ url });
  return {
    ...db,
    url,
    tenantId: template.tenantId,
    async [Symbol.asyncDispose]() {
      await db[Symbol.asyncDispose]();
      await administer(`DROP DATABASE ${name} WITH (FORCE)`);
    },
  };
}

/** Returns the URL of another database on the same server. */
export function databaseUrl(url: string, name: string) {
  const other = new URL(url);
  other.pathname = name;
  return other.href;
}

async function administer(sql: string) {
  const client = new pg.Client({ connectionString: inject('postgresUrl') });
  await client.connect();
  await client.query(sql);
  await client.end();
}
