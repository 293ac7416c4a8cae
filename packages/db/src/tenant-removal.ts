import { toTenantSchema } from '@it0/contracts/ids';
import { escapeIdentifier, type Pool, type PoolClient } from 'pg';
import { lockSchema } from './migrate.ts';
import { removalSchema } from './removal-schema.ts';
import { type Export, writeExport } from './tenant-export.ts';
import { listTables } from './tenant-sources.ts';
import { transaction } from './transaction.ts';

/**
 * Exports a tenant and removes it: its schema, and with its organization the memberships, invitations, keys and open
 * tasks. The schema first gets another name, so that nobody can write any more what the export would miss. When
 * something fails the name is given back, and the tenant is as it was; after a crash the next call goes on.
 */
export async function removeTenant(pool: Pool, tenantId: string, dir: string): Promise<Export> {
  const schema = toTenantSchema(tenantId);
  const aside = removalSchema(schema);
  await setAside(pool, schema, aside);
  try {
    const tables = await listTables(pool, aside);
    const exported = await transaction(pool, 'ISOLATION LEVEL REPEATABLE READ', async (client) => {
      await awaitWriters(client, aside, tables);
      return writeExport(client, { tenantId, schema: aside, dir });
    });
    await transaction(pool, '', async (client) => {
      await client.query(`DROP SCHEMA IF EXISTS ${escapeIdentifier(aside)} CASCADE`);
      await client.query('DELETE FROM public."Organization" WHERE "id" = $1', [tenantId]);
    });
    return exported;
  } catch (error) {
    // Where the connection was lost on the last word it may be gone after all.
    await renameSchema(pool, aside, schema).catch(() => {});
    throw error;
  }
}

const renameSchema = (db: Pick<Pool | PoolClient, 'query'>, from: string, to: string) =>
  db.query(`ALTER SCHEMA ${escapeIdentifier(from)} RENAME TO ${escapeIdentifier(to)}`);

/** Where an earlier call was cut short it stands aside already, and a broken tenant may have none. */
const setAside = (pool: Pool, schema: string, aside: string) =>
  transaction(pool, '', async (client) => {
    await lockSchema(client, schema);
    const { rowCount } = await client.query('SELECT FROM pg_namespace WHERE nspname = $1', [schema]);
    if (rowCount) await renameSchema(client, schema, aside);
  });

/** Waits for what was under way when the schema got its other name. Only then is it seen what there is to export. */
async function awaitWriters(client: PoolClient, schema: string, tables: string[]) {
  const names = tables.map((table) => `${escapeIdentifier(schema)}.${escapeIdentifier(table)}`);
  if (names.length > 0) await client.query(`LOCK TABLE ${names.join(', ')} IN SHARE MODE`);
}
