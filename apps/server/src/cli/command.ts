import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { toPlainText } from '@it0/contracts/text';
import { createDatabase } from '@it0/db/database';
import { findEmbedded, startEmbedded } from '@it0/db/embedded';
import { ZodError } from 'zod';
import type { Env } from '../env.ts';

/** Removes escape sequences, since output contains names and texts of bridges, which are not trusted. */
export const say = (line: string) => void process.stdout.write(`${toPlainText(line)}\n`);

/** Does what a person asked for from a terminal. A failure is one line that says what to do, and the exit code 1. */
export async function command(work: () => Promise<void>, usage = '') {
  try {
    await work();
  } catch (error) {
    const isUsage = error instanceof ZodError || (error instanceof Error && codeOf(error).startsWith('ERR_PARSE_ARGS'));
    say(`✗ ${messageOf(error)}`);
    if (isUsage && usage) say(usage);
    process.exitCode = 1;
  }
}

function messageOf(error: unknown): string {
  if (error instanceof ZodError) {
    return error.issues.map(({ path, message }) => [...path, message].join(': ')).join('; ');
  }
  if (!(error instanceof Error)) return String(error);
  if (codeOf(error) === 'ECONNREFUSED') return 'The database cannot be reached. Start it, or correct DATABASE_URL.';
  return error.message.split('\n', 1)[0]!;
}

const codeOf = (error: Error) => ('code' in error ? String(error.code) : '');

/** The database, beside the servers that run on it; the embedded one is started for the while where none runs. */
export async function openDatabase({ DATABASE_URL, IT0_DATA }: Pick<Env, 'DATABASE_URL' | 'IT0_DATA'>) {
  const data = join(IT0_DATA, 'postgres');
  if (!DATABASE_URL && !existsSync(data)) throw new Error(`Nothing is kept in ${IT0_DATA} yet. Run npm start first.`);
  await using undo = new AsyncDisposableStack();
  const running = DATABASE_URL ?? (await findEmbedded(data));
  const embedded = running ? null : await startEmbedded(data);
  undo.defer(() => embedded?.stop());
  const db = createDatabase({ url: running ?? embedded!.url });
  undo.defer(() => db.close());
  if ((await db.pending()).length > 0) throw new Error('The database is of an older version. Run npm start first.');
  const opened = undo.move();
  return { ...db, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}
