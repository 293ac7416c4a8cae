import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Pool, PoolClient } from 'pg';
import { readLines, readRowLines, writeLines } from './row-lines.ts';
import { toTenantSchema } from './sql.ts';
import { createExportName, listSources, readRows } from './tenant-sources.ts';
import { transaction } from './transaction.ts';

/** An export: its file, and the number of rows in it by table. */
export type Export = { file: string; rows: Record<string, number> };

/**
 * Exports all rows of a tenant from one snapshot as gzipped JSON lines: first the number of rows by table, then every
 * row. Secrets remain encrypted. Resolves after the file was flushed to disk and verified by reading it. Throws when
 * there is no such tenant.
 */
export const exportTenant = (pool: Pool, tenantId: string, dir: string): Promise<Export> =>
  transaction(
    pool,
    (client) => writeExport(client, { tenantId, schema: toTenantSchema(tenantId), dir }),
    'ISOLATION LEVEL REPEATABLE READ READ ONLY',
  );

type ExportOptions = { tenantId: string; schema: string; dir: string };

/** Writes an export in the caller's transaction, with the tenant's tables in `schema`. */
export async function writeExport(client: PoolClient, { tenantId, schema, dir }: ExportOptions): Promise<Export> {
  await client.query(`SET LOCAL TimeZone = 'UTC'`);
  const sources = await listSources(client, tenantId, schema);
  const rows = await readRows(client, sources);
  const file = join(dir, await createExportName(client, tenantId));
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const head = `${JSON.stringify({ tenantId, exportedAt: new Date().toISOString(), rows })}\n`;
  async function* listLines() {
    yield head;
    yield* readRowLines(client, sources);
  }
  await writeLines(file, listLines(), (unfinished) => verify(unfinished, rows));
  return { file, rows };
}

/** Parses the file and compares its number of rows. */
async function verify(file: string, expected: Record<string, number>) {
  const counts = Object.fromEntries(Object.keys(expected).map((table) => [table, 0]));
  await readLines(file, async (lines) => {
    for await (const line of lines) {
      const { table }: { table?: string } = JSON.parse(line);
      if (table) counts[table] = (counts[table] ?? 0) + 1;
    }
  });
  if (!isDeepStrictEqual(counts, expected)) throw new Error(`${file} is incomplete; nothing was removed.`);
}
