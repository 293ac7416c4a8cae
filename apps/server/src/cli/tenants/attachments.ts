import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { type AttachmentStore, attachmentKey } from '@it0/api/agent/attachment/store';
import type { Database } from '@it0/db/database';

/** Lists the ids of a tenant's attachments. A broken schema yields none. */
export async function listAttachments(db: Database, tenantId: string): Promise<string[]> {
  const rows = await db
    .tenant(tenantId)
    .attachment.findMany({ select: { id: true } })
    .catch(() => []);
  return rows.map(({ id }) => id);
}

/** Copies attachments to a folder in `dir`, each under its id. Returns the folder; null without attachments. */
export async function copyAttachments(store: AttachmentStore, tenantId: string, ids: string[], dir: string) {
  if (ids.length === 0) return null;
  const folder = join(dir, `${tenantId}-attachments`);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  for (const id of ids) {
    const content = await store.open(attachmentKey(tenantId, id));
    if (content) await pipeline(content, createWriteStream(join(folder, id), { mode: 0o600, flush: true }));
  }
  return folder;
}

export async function removeAttachments(store: AttachmentStore, tenantId: string, ids: string[]) {
  for (const id of ids) await store.remove(attachmentKey(tenantId, id));
}
