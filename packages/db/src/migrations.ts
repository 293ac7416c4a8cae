import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A migration. `checksum` is the SHA-256 of its SQL. */
export type Migration = { name: string; sql: string; checksum: string };

/** Reads the migrations of the platform's schema or of tenant schemas, in order. */
export async function loadMigrations(kind: 'platform' | 'tenant'): Promise<Migration[]> {
  const folder = fileURLToPath(new URL(`../../../prisma/${kind}/migrations`, import.meta.url));
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  return Promise.all(
    names.sort().map(async (name) => {
      const sql = await readFile(join(folder, name, 'migration.sql'), 'utf8');
      return { name, sql, checksum: createHash('sha256').update(sql).digest('hex') };
    }),
  );
}
