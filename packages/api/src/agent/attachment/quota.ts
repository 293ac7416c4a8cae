import type { Attachment } from '@it0/contracts/attachment';
import { quoteTenantSchema } from '@it0/db/sql';
import { acquireLock, transaction } from '@it0/db/transaction';
import { v7 as newId } from 'uuid';
import type { UserContext } from '../../core.ts';
import { AppError } from '../../errors.ts';

/** Limits of the size of stored files, in MB of a million bytes. */
export type StorageLimits = {
  /** All files of a tenant. */
  tenantMb: number;
  /** Files that one person has uploaded and not yet sent. The limit of a tenant is ten times that. */
  unsentMb: number;
};

type NewFile = Omit<Attachment, 'id'> & { sha256: string };
type Usage = { tenant: string; unsent: string; mine: string };

const MB = 1_000_000;

/** Writes the row of a new file within the limits. A lock serializes concurrent uploads. Throws STORAGE_FULL. */
export async function writeWithinQuota(
  ctx: UserContext & { storageLimits: StorageLimits },
  { name, mediaType, size, sha256 }: NewFile,
): Promise<Attachment> {
  const { tenantId, id: ownerId } = ctx.user;
  const { tenantMb, unsentMb } = ctx.storageLimits;
  const table = `${quoteTenantSchema(tenantId)}."Attachment"`;
  return transaction(ctx.db.pool, async (client) => {
    await acquireLock(client, `attachments of ${tenantId}`);
    const { rows } = await client.query<Usage>(
      `SELECT coalesce(sum("size"), 0) AS "tenant",
         coalesce(sum("size") FILTER (WHERE "taskId" IS NULL), 0) AS "unsent",
         coalesce(sum("size") FILTER (WHERE "taskId" IS NULL AND "ownerId" = $1), 0) AS "mine"
       FROM ${table}`,
      [ownerId],
    );
    const { tenant, unsent, mine } = rows[0]!;
    requireWithin(
      Number(mine) + size,
      unsentMb,
      'You have too many unsent files. Send them, or remove them from your drafts and try again tomorrow.',
    );
    requireWithin(
      Number(unsent) + size,
      10 * unsentMb,
      'Your organization has too many unsent files. Those of drafts are stored for a week. Try again later.',
    );
    requireWithin(Number(tenant) + size, tenantMb, 'Your organization has no storage left. Contact an administrator.');
    const id = newId();
    await client.query(
      `INSERT INTO ${table} ("id", "ownerId", "name", "mediaType", "size", "sha256") VALUES ($1, $2, $3, $4, $5, $6)`,
      [id, ownerId, name, mediaType, size, sha256],
    );
    return { id, name, mediaType, size };
  });
}

function requireWithin(bytes: number, mb: number, message: string) {
  if (bytes > mb * MB) throw new AppError('STORAGE_FULL', message);
}
