import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { toPlainText } from '@it0/contracts/text';
import { createDatabase } from '@it0/db/database';
import { findEmbedded, startEmbedded } from '@it0/db/embedded';
import { ZodError } from 'zod';
import type { BackupProgress } from '../backup/manifest.ts';
import type { Env } from '../env.ts';
import { createProgressLine } from '../progress.ts';

/** Prints a line without escape sequences, since it can contain untrusted names and texts of bridges. */
export const print = (line: string) => void process.stdout.write(`${toPlainText(line)}\n`);

/** Shows the progress of a backup or a restore. */
export const createProgress = (): BackupProgress => ({
  schemas: createProgressLine(process.stdout, 'schemas'),
  attachments: createProgressLine(process.stdout, 'attachments'),
});

/** Runs a command line program. A failure prints one line with its remedy and sets the exit code 1. */
export async function runCommand(work: () => Promise<void>, usage = '') {
  try {
    await work();
  } catch (error) {
    const isUsage =
      error instanceof ZodError || (error instanceof Error && readCode(error).startsWith('ERR_PARSE_ARGS'));
    print(`✗ ${formatError(error)}`);
    if (isUsage && usage) print(usage);
    process.exitCode = 1;
  }
}

function formatError(error: unknown): string {
  if (error instanceof ZodError) {
    return error.issues.map(({ path, message }) => [...path, message].join(': ')).join('; ');
  }
  if (!(error instanceof Error)) return String(error);
  if (readCode(error) === 'ECONNREFUSED') return 'The database cannot be reached. Start it or correct DATABASE_URL.';
  return error.message.split('\n', 1)[0]!;
}

const readCode = (error: Error) => ('code' in error ? String(error.code) : '');

/** Opens the database, with or without running servers. Starts the embedded one when no server runs. */
export async function openDatabase({ DATABASE_URL, IT0_DATA }: Pick<Env, 'DATABASE_URL' | 'IT0_DATA'>) {
  const data = join(IT0_DATA, 'postgres');
  if (!DATABASE_URL && !existsSync(data)) throw new Error(`There is no data in ${IT0_DATA} yet. Run npm start first.`);
  await using resources = new AsyncDisposableStack();
  const url = DATABASE_URL ?? (await findEmbedded(data));
  const embedded = url ? null : await startEmbedded(data);
  resources.defer(() => embedded?.stop());
  const db = resources.use(createDatabase({ url: url ?? embedded!.url }));
  if ((await db.pending()).length > 0) throw new Error('The database is from an older version. Run npm start first.');
  const handle = resources.move();
  return { ...db, [Symbol.asyncDispose]: () => handle.disposeAsync() };
}
