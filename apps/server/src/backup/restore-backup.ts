import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { type AttachmentStore, attachmentKey } from '@it0/api/agent/attachment/store';
import { createKeys } from '@it0/api/keys';
import type { AttachmentContent } from '@it0/db/backup/backup';
import { requireEmpty, restoreDatabase } from '@it0/db/backup/restore';
import type { Database } from '@it0/db/database';
import { findSecret, secretFile } from '../secret.ts';
import { BACKUP, type BackupProgress, type Manifest, readManifest } from './manifest.ts';

type Options = {
  /** The backup's folder. */
  path: string;
  /** Opens the database to restore into. */
  openDatabase(): Promise<Pick<Database, 'pool'> & AsyncDisposable>;
  attachments: AttachmentStore;
  /** The data folder. */
  dataDir: string;
  /** The configured secret, instead of the one in the backup or the data folder. */
  secret?: string;
  onProgress?: BackupProgress;
};

/**
 * Restores a backup into an empty database and a data folder without another secret. The database is written last, so a
 * restore that failed can be repeated.
 */
export async function restoreBackup(options: Options): Promise<Manifest> {
  const { path, attachments, dataDir, onProgress } = options;
  const manifest = await readManifest(path);
  const { database } = manifest;
  const secret = await findBackupSecret(options, manifest);
  await using db = await options.openDatabase();
  await requireEmpty(db.pool, database);
  const uploads = join(dataDir, 'uploads');
  await mkdir(uploads, { recursive: true, mode: 0o700 });
  for (const [index, attachment] of database.attachments.entries()) {
    onProgress?.attachments(index + 1, database.attachments.length);
    await restoreAttachment(attachments, attachment, { dir: join(path, BACKUP.attachments), uploads });
  }
  if (options.secret === undefined && findSecret(dataDir) === undefined)
    await writeFile(secretFile(dataDir), secret, { mode: 0o600, flag: 'wx', flush: true });
  await restoreDatabase(db.pool, database, join(path, BACKUP.database), { onProgress: onProgress?.schemas });
  return manifest;
}

/** Returns the secret that decrypts the backup. Throws when it is not known, or when another one is in use. */
async function findBackupSecret({ secret, dataDir, path }: Options, { secretId }: Manifest): Promise<string> {
  const own = secret ?? findSecret(dataDir);
  const candidate = own ?? (await readFile(join(path, BACKUP.secret), 'utf8').catch(() => undefined));
  if (candidate === undefined)
    throw new Error('The backup does not contain its secret. Set IT0_SECRET to the secret that was in use.');
  if (createKeys(candidate).current.kid !== secretId)
    throw new Error(
      own === undefined
        ? 'The secret in the backup is not the one that encrypts its data.'
        : 'Another secret is in use here. Restore into a new data folder, or set IT0_SECRET to the secret of the backup.',
    );
  return candidate;
}

type Folders = { dir: string; uploads: string };

async function restoreAttachment(
  store: AttachmentStore,
  { tenantId, id, sha256 }: AttachmentContent,
  { dir, uploads }: Folders,
) {
  const key = attachmentKey(tenantId, id);
  const source = join(dir, key);
  // It was removed while the backup was made.
  if (!existsSync(source)) return;
  const hash = createHash('sha256');
  await pipeline(createReadStream(source), hash);
  if (hash.digest('hex') !== sha256) throw new Error(`The attachment ${key} in the backup is damaged.`);
  const copy = join(uploads, randomUUID());
  await copyFile(source, copy);
  await store.put(key, copy);
}
