import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { StringDecoder } from 'node:string_decoder';
import { isDeepStrictEqual } from 'node:util';
import { createGunzip, createGzip } from 'node:zlib';
import type { Pool, PoolClient } from 'pg';
import { toTenantSchema } from './sql.ts';
import { createExportName, listSources, readRows, type Source } from './tenant-sources.ts';
import { transaction } from './transaction.ts';

/** An export: its file, and the number of rows in it by table. */
export type Export = { file: string; rows: Record<string, number> };

/** Rows per fetch: few enough that the largest rows fit in memory. */
const FETCH_SIZE = 50;

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
  const unfinished = `${file}.part`;
  await mkdir(dir, { recursive: true, mode: 0o700 });
  try {
    const lines = readLines(client, sources, { tenantId, exportedAt: new Date().toISOString(), rows });
    const out = createWriteStream(unfinished, { flags: 'wx', mode: 0o600, flush: true });
    await pipeline(lines, createGzip(), out);
    await verify(unfinished, rows);
    await rename(unfinished, file);
    await flushFolder(dirname(file));
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
  return { file, rows };
}

async function* readLines(client: PoolClient, sources: Source[], head: object) {
  yield `${JSON.stringify(head)}\n`;
  for (const { table, sql } of sources) {
    await client.query(`DECLARE export NO SCROLL CURSOR FOR SELECT row_to_json(r)::text AS "row" FROM (${sql}) r`);
    const prefix = `{"table":${JSON.stringify(table)},"row":`;
    for (;;) {
      const { rows } = await client.query<{ row: string }>(`FETCH ${FETCH_SIZE} FROM export`);
      if (rows.length === 0) break;
      yield rows.map(({ row }) => `${prefix}${row}}\n`).join('');
    }
    await client.query('CLOSE export');
  }
}

/** Parses the file and compares its number of rows. */
async function verify(file: string, expected: Record<string, number>) {
  const counts = Object.fromEntries(Object.keys(expected).map((table) => [table, 0]));
  await pipeline(createReadStream(file), createGunzip(), async (chunks: AsyncIterable<Buffer>) => {
    for await (const line of splitLines(chunks)) {
      const { table }: { table?: string } = JSON.parse(line);
      if (table) counts[table] = (counts[table] ?? 0) + 1;
    }
  });
  if (!isDeepStrictEqual(counts, expected)) throw new Error(`${file} is incomplete; nothing was removed.`);
}

async function* splitLines(chunks: AsyncIterable<Buffer>) {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  for await (const chunk of chunks) {
    const lines = (rest + decoder.write(chunk)).split('\n');
    rest = lines.pop()!;
    yield* lines;
  }
  if (rest) throw new Error('The last line is incomplete.');
}

/** Flushes a folder, since a rename is durable only after that. */
async function flushFolder(path: string) {
  const folder = await open(path);
  await folder.sync();
  await folder.close();
}
