import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createToken } from '@it0/node/token';

/** Returns the path of the secret in the data folder. */
export const secretFile = (dataDir: string) => join(dataDir, 'secret');

/** Returns the secret from the data folder. Creates one when missing, with access for its owner only. */
export function loadOrCreateSecret(dataDir: string): string {
  const file = secretFile(dataDir);
  const temporary = `${file}.${process.pid}`;
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  writeFileSync(temporary, createToken(), { mode: 0o600, flush: true });
  try {
    // A link is atomic and does not overwrite a secret that another server has just created.
    linkSync(temporary, file);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  } finally {
    rmSync(temporary);
  }
  return readFileSync(file, 'utf8');
}

/** Returns the secret from the data folder; undefined when there is none. */
export function findSecret(dataDir: string): string | undefined {
  const file = secretFile(dataDir);
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}
