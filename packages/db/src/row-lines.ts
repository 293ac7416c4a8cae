import { createReadStream, createWriteStream } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { StringDecoder } from 'node:string_decoder';
import { createGunzip, createGzip } from 'node:zlib';
import type { PoolClient } from 'pg';
import type { Source } from './tenant-sources.ts';

/** Rows per fetch: few enough that the largest rows fit in memory. */
const FETCH_SIZE = 50;

/**
 * Yields the rows of the sources as lines of JSON with `table` and `row`, some lines at a time. Must run in a
 * transaction. The database formats the rows, so that no number loses digits.
 */
export async function* readRowLines(client: PoolClient, sources: Source[]): AsyncGenerator<string> {
  for (const { table, sql } of sources) {
    await client.query(`DECLARE export NO SCROLL CURSOR FOR SELECT row_to_json(r)::text AS "row" FROM (${sql}) r`);
    const prefix = toPrefix(table);
    for (;;) {
      const { rows } = await client.query<{ row: string }>(`FETCH ${FETCH_SIZE} FROM export`);
      if (rows.length === 0) break;
      yield rows.map(({ row }) => `${prefix}${row}}\n`).join('');
    }
    await client.query('CLOSE export');
  }
}

const toPrefix = (table: string) => `{"table":${JSON.stringify(table)},"row":`;

/** Splits a line of `readRowLines` into its table and its row, still as JSON. Throws for any other line. */
export function splitRowLine(line: string): { table: string; row: string } {
  const table = /^\{"table":"([^"\\]*)","row":/.exec(line)?.[1];
  if (table === undefined || !line.endsWith('}')) throw new Error('A line of the file is not a row.');
  return { table, row: line.slice(toPrefix(table).length, -1) };
}

/** Writes lines to a gzipped file, and flushes it. Leaves no file when it fails or when `verify` throws. */
export async function writeLines(
  file: string,
  lines: AsyncIterable<string>,
  verify: (file: string) => Promise<void> = async () => {},
) {
  const unfinished = `${file}.part`;
  try {
    const out = createWriteStream(unfinished, { flags: 'wx', mode: 0o600, flush: true });
    await pipeline(lines, createGzip(), out);
    await verify(unfinished);
    await rename(unfinished, file);
    await flushFolder(dirname(file));
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
}

/** Passes the lines of a file that `writeLines` wrote to `read`. Throws for an incomplete file. */
export const readLines = (file: string, read: (lines: AsyncIterable<string>) => Promise<void>) =>
  pipeline(createReadStream(file), createGunzip(), (chunks: AsyncIterable<Buffer>) => read(splitLines(chunks)));

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
export async function flushFolder(path: string) {
  const folder = await open(path);
  await folder.sync();
  await folder.close();
}
