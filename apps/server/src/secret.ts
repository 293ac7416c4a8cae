import { randomBytes } from 'node:crypto';
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The secret kept in the data folder, for its owner's eyes alone; made when there is none. */
export function loadOrCreateSecret(dataDir: string): string {
  const file = join(dataDir, 'secret');
  const fresh = `${file}.${process.pid}`;
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  writeFileSync(fresh, randomBytes(32).toString('base64url'), { mode: 0o600, flush: true });
  try {
    // Whole or not at all, and never over one that is there.
    linkSync(fresh, file);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  } finally {
    rmSync(fresh);
  }
  return readFileSync(file, 'utf8');
}

/** The kept secret, if one was ever made. */
export function findSecret(dataDir: string): string | undefined {
  const file = join(dataDir, 'secret');
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}
