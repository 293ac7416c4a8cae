import { escapeIdentifier, type Pool, type PoolClient } from 'pg';
import { lockSchema } from './migrate.ts';
import type { Queryable } from './queryable.ts';
import { toRemovalSchema } from './removal-schema.ts';
import { toTenantSchema } from './sql.ts';
import { type Export, writeExport } from './tenant-export.ts';
import { listTables } from './tenant-sources.ts';
import { transaction } from './transaction.ts';

/**
 * Exports a tenant and then removes its schema and its organization with all memberships, invitations, keys and open
 * tasks. The schema is renamed first, so that no write can be missing from the export. On an error, the name is
 * restored and the tenant is unchanged. After a crash, the next call continues. Throws when there is no such tenant.
 */
export async function removeTenant(pool: Pool, tenantId: string, dir: string): Promise<Export> {
  const schema = toTenantSchema(tenantId);
  const removal = toRemovalSchema(schema);
  await renameForRemoval(pool, schema, removal);
  try {
    const tables = await listTables(pool, removal);
    const result = await transaction(
      pool,
      async (client) => {
        await awaitWriters(client, removal, tables);
        return writeExport(client, { tenantId, schema: removal, dir });
      },
      'ISOLATION LEVEL REPEATABLE READ',
    );
    await transaction(pool, async (client) => {
      await client.query(`DROP SCHEMA IF EXISTS ${escapeIdentifier(removal)} CASCADE`);
      await client.query('DELETE FROM public."Organization" WHERE "id" = $1', [tenantId]);
    });
    return result;
  } catch (error) {
    // If the connection was lost during the commit, the schema may already be removed.
    await renameSchema(pool, removal, schema).catch(() => {});
    throw error;
  }
}

const renameSchema = (db: Queryable, from: string, to: string) =>
  db.query(`ALTER SCHEMA ${escapeIdentifier(from)} RENAME TO ${escapeIdentifier(to)}`);

/** Renames the schema, unless an interrupted call has already done so or the tenant has no schema. */
const renameForRemoval = (pool: Pool, schema: string, removal: string) =>
  transaction(pool, async (client) => {
    await lockSchema(client, schema);
    const { rowCount } = await client.query('SELECT FROM pg_namespace WHERE nspname = $1', [schema]);
    if (rowCount) await renameSchema(client, schema, removal);
  });

/**
 * Waits for transactions that were writing when the schema was renamed. The transaction's snapshot is taken after that,
 * so that the export includes their rows.
 */
async function awaitWriters(client: PoolClient, schema: string, tables: string[]) {
  const names = tables.map((table) => `${escapeIdentifier(schema)}.${escapeIdentifier(table)}`);
  if (names.length > 0) await client.query(`LOCK TABLE ${names.join(', ')} IN SHARE MODE`);
}
