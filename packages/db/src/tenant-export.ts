import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { StringDecoder } from 'node:string_decoder';
import { isDeepStrictEqual } from 'node:util';
import { createGunzip, createGzip } from 'node:zlib';
import { toTenantSchema } from '@it0/contracts/ids';
import type { Pool, PoolClient } from 'pg';
import { exportFile, listSources, readRows, type Source } from './tenant-sources.ts';
import { transaction } from './transaction.ts';

/** How many rows there are of what, and the file that has them all. */
export type Export = { file: string; rows: Record<string, number> };

/** Few enough that the longest of them fit in memory. */
const fetched = 50;

/**
 * Writes everything of a tenant as it stands at one moment, as gzipped lines of JSON: first how many rows there are of
 * what, then every row. Secrets stay sealed. The file is on the disk, read again and counted when this resolves.
 */
export const exportTenant = (pool: Pool, tenantId: string, dir: string): Promise<Export> =>
  transaction(pool, 'ISOLATION LEVEL REPEATABLE READ READ ONLY', (client) =>
    writeExport(client, { tenantId, schema: toTenantSchema(tenantId), dir }),
  );

type Place = { tenantId: string; schema: string; dir: string };

/** The same in the caller's transaction, with the tenant's tables in `schema`. */
export async function writeExport(client: PoolClient, { tenantId, schema, dir }: Place): Promise<Export> {
  await client.query(`SET LOCAL TimeZone = 'UTC'`);
  const sources = await listSources(client, tenantId, schema);
  const rows = await readRows(client, sources);
  const file = join(dir, await exportFile(client, tenantId));
  const unfinished = `${file}.part`;
  await mkdir(dir, { recursive: true, mode: 0o700 });
  try {
    const lines = linesOf(client, sources, { tenantId, exportedAt: new Date().toISOString(), rows });
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

async function* linesOf(client: PoolClient, sources: Source[], head: object) {
  yield `${JSON.stringify(head)}\n`;
  for (const { table, sql } of sources) {
    await client.query(`DECLARE export NO SCROLL CURSOR FOR SELECT row_to_json(r)::text AS "row" FROM (${sql}) r`);
    const begin = `{"table":${JSON.stringify(table)},"row":`;
    for (;;) {
      const { rows } = await client.query<{ row: string }>(`FETCH ${fetched} FROM export`);
      if (rows.length === 0) break;
      yield rows.map(({ row }) => `${begin}${row}}\n`).join('');
    }
    await client.query('CLOSE export');
  }
}

/** Reads the file as whoever needs it one day will. */
async function verify(file: string, expected: Record<string, number>) {
  const found = Object.fromEntries(Object.keys(expected).map((table) => [table, 0]));
  await pipeline(createReadStream(file), createGunzip(), async (chunks: AsyncIterable<Buffer>) => {
    for await (const line of linesIn(chunks)) {
      const { table }: { table?: string } = JSON.parse(line);
      if (table) found[table] = (found[table] ?? 0) + 1;
    }
  });
  if (!isDeepStrictEqual(found, expected)) throw new Error(`${file} has not all the rows; nothing was removed.`);
}

async function* linesIn(chunks: AsyncIterable<Buffer>) {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  for await (const chunk of chunks) {
    const lines = (rest + decoder.write(chunk)).split('\n');
    rest = lines.pop()!;
    yield* lines;
  }
  if (rest) throw new Error('The last line is cut off.');
}

/** That a file has its name is on the disk only when its folder is. */
async function flushFolder(path: string) {
  const folder = await open(path);
  await folder.sync();
  await folder.close();
}
