import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Id } from '@it0/contracts/ids';
import type { DatabaseContent } from '@it0/db/backup/backup';
import { z } from 'zod';

/** Names in a backup's folder. */
export const BACKUP = { manifest: 'manifest.json', database: 'database', attachments: 'attachments', secret: 'secret' };

const Database = z.object({
  schemas: z.array(
    z.object({
      tenantId: Id.nullable(),
      file: z.string().regex(/^\w+\.jsonl\.gz$/),
      migrations: z.record(z.string(), z.string()),
      rows: z.record(z.string(), z.int()),
    }),
  ),
  attachments: z.array(z.object({ tenantId: Id, id: Id, sha256: z.string() })),
}) satisfies z.ZodType<DatabaseContent>;

/** Receives the number of schemas and of attachments that are done. */
export type BackupProgress = Record<keyof DatabaseContent, (done: number, total: number) => void>;

/** Description of a backup. It is written last, so a folder without it is incomplete. */
export const Manifest = z.object({
  format: z.literal(1),
  createdAt: z.iso.datetime(),
  /** Identifies the secret that encrypts the data. */
  secretId: z.string(),
  database: Database,
});
export type Manifest = z.infer<typeof Manifest>;

/** Reads the description of a backup. Throws when the folder is not a complete backup. */
export async function readManifest(dir: string): Promise<Manifest> {
  const json = await readFile(join(dir, BACKUP.manifest), 'utf8').catch(() => null);
  if (json === null) throw new Error(`${dir} is not a complete backup.`);
  const parsed = Manifest.safeParse(JSON.parse(json));
  if (!parsed.success) throw new Error(`${dir} is a backup of another version.`);
  return parsed.data;
}
