import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Pool, PoolClient } from 'pg';
import { escapeIdentifier } from 'pg';
import type { Queryable } from '../queryable.ts';
import { readRowLines, writeLines } from '../row-lines.ts';
import { toTenantSchema } from '../sql.ts';
import { listTables, readRows, type Source } from '../tenant-sources.ts';
import { transaction } from '../transaction.ts';

/** A schema in a backup. */
export type SchemaContent = {
  /** Null for the platform's schema. */
  tenantId: string | null;
  file: string;
  /** Checksums of the applied migrations, by name. */
  migrations: Record<string, string>;
  /** Number of rows by table. */
  rows: Record<string, number>;
};

/** An attachment at the time of a backup. Its content is outside the database. */
export type AttachmentContent = { tenantId: string; id: string; sha256: string };

/** Content of the database in a backup. */
export type DatabaseContent = { schemas: SchemaContent[]; attachments: AttachmentContent[] };

/** Prisma's own table, which a restore writes by itself. */
export const MIGRATIONS_TABLE = '_prisma_migrations';

type Options = {
  /** Receives the number of schemas that are written. */
  onProgress?: (done: number, total: number) => void;
};

/**
 * Writes all rows of the platform and its tenants from one snapshot into `dir`, a file for each schema, while servers
 * work. Secrets remain encrypted.
 */
export const backUpDatabase = (pool: Pool, dir: string, { onProgress = () => {} }: Options = {}) =>
  transaction(
    pool,
    async (client): Promise<DatabaseContent> => {
      await mkdir(dir, { recursive: true, mode: 0o700 });
      await client.query(`SET LOCAL TimeZone = 'UTC'`);
      const { rows: tenants } = await client.query<{ id: string }>(
        'SELECT "id" FROM public."Organization" ORDER BY "createdAt", "id"',
      );
      const tenantIds = [null, ...tenants.map(({ id }) => id)];
      const schemas: SchemaContent[] = [];
      const attachments: AttachmentContent[] = [];
      for (const tenantId of tenantIds) {
        onProgress(schemas.length, tenantIds.length);
        schemas.push(await writeSchema(client, tenantId, dir));
        if (tenantId) attachments.push(...(await listAttachments(client, tenantId)));
      }
      onProgress(schemas.length, tenantIds.length);
      return { schemas, attachments };
    },
    'ISOLATION LEVEL REPEATABLE READ READ ONLY',
  );

/** Returns the name of the schema with the data of a tenant, or of the platform. */
export const toSchemaName = (tenantId: string | null) => (tenantId === null ? 'public' : toTenantSchema(tenantId));

async function writeSchema(client: PoolClient, tenantId: string | null, dir: string): Promise<SchemaContent> {
  const schema = toSchemaName(tenantId);
  const tables = (await listTables(client, schema)).filter((name) => name !== MIGRATIONS_TABLE);
  const sources: Source[] = [];
  for (const table of tables) sources.push(await toSource(client, schema, table));
  const rows = await readRows(client, sources);
  const file = `${schema}.jsonl.gz`;
  await writeLines(join(dir, file), readRowLines(client, sources));
  return { tenantId, file, migrations: await readMigrations(client, schema), rows };
}

async function toSource(db: Queryable, schema: string, table: string): Promise<Source> {
  const columns = await listColumns(db, schema, table);
  return { table, sql: `SELECT ${columns.join(', ')} FROM ${qualify(schema, table)}` };
}

/** Returns the quoted name of a table. */
export const qualify = (schema: string, table: string) => `${escapeIdentifier(schema)}.${escapeIdentifier(table)}`;

/** Lists the quoted columns that a statement can write, which excludes generated ones. */
export async function listColumns(db: Queryable, schema: string, table: string): Promise<string[]> {
  const { rows } = await db.query<{ name: string }>(
    `SELECT "attname" AS "name" FROM pg_attribute
     WHERE "attrelid" = to_regclass($1) AND "attnum" > 0 AND NOT "attisdropped" AND "attgenerated" = '' ORDER BY "attnum"`,
    [qualify(schema, table)],
  );
  return rows.map(({ name }) => escapeIdentifier(name));
}

async function readMigrations(db: Queryable, schema: string): Promise<Record<string, string>> {
  const { rows } = await db.query<{ name: string; checksum: string }>(
    `SELECT "migration_name" AS "name", "checksum" FROM ${qualify(schema, MIGRATIONS_TABLE)}
     WHERE "finished_at" IS NOT NULL AND "rolled_back_at" IS NULL ORDER BY 1`,
  );
  return Object.fromEntries(rows.map(({ name, checksum }) => [name, checksum]));
}

async function listAttachments(db: Queryable, tenantId: string): Promise<AttachmentContent[]> {
  const { rows } = await db.query<{ id: string; sha256: string }>(
    `SELECT "id", "sha256" FROM ${qualify(toTenantSchema(tenantId), 'Attachment')} ORDER BY "id"`,
  );
  return rows.map((row) => ({ tenantId, ...row }));
}
