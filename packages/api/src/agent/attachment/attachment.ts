import type { Readable } from 'node:stream';
import type { Attachment } from '@it0/contracts/attachment';
import { Id } from '@it0/contracts/ids';
import { limits } from '@it0/contracts/limits';
import type { Prisma } from '@it0/db/generated/tenant/client';
import { quoteTenantSchema } from '@it0/db/sql';
import type { UserContext } from '../../core.ts';
import { AppError } from '../../errors.ts';
import type { AgentContext, AgentServices } from '../agent-services.ts';
import type { Capability } from '../dispatch/callback-token.ts';
import { isInDraftSql } from '../draft/draft.sql.ts';
import { readableBy } from '../instance/access.ts';
import { writeWithinQuota } from './quota.ts';
import { attachmentKey } from './store.ts';
import { isWithdrawnSql } from './withdrawn-sql.ts';

/** A completely received file of an accepted type. */
export type ReceivedFile = Omit<Attachment, 'id'> & { path: string; sha256: string };

export const attachmentNotFound = () => new AppError('ATTACHMENT_NOT_FOUND', 'Attachment not found.');

/** Time after which an attachment that was not sent with a message, and is in no draft, is removed. */
export const UNSENT_TTL_HOURS = 24;

const ATTACHMENT_FIELDS = { id: true, name: true, mediaType: true, size: true } satisfies Prisma.AttachmentSelect;

/** Returns an SQL condition: the attachment `a` can be sent with a message. */
export const isUnsentSql = (schema: string) => `(${isWithdrawnSql(schema)}
  OR a."taskId" IS NULL
    AND (a."createdAt" > now() - interval '${UNSENT_TTL_HOURS} hours' OR ${isInDraftSql(schema)}))`;

const FIND_UNSENT = (schema: string) => `
  SELECT a."id", a."name", a."mediaType", a."size"
  FROM ${schema}."Attachment" a
  WHERE a."id" = ANY($1) AND a."ownerId" = $2 AND ${isUnsentSql(schema)}`;

/** Stores a received file until it is sent with a message. Throws STORAGE_FULL. */
export async function storeAttachment(ctx: AgentContext, file: ReceivedFile): Promise<Attachment> {
  const { tenantId } = ctx.user;
  const { path, ...metadata } = file;
  const { attachment } = ctx.db.tenant(tenantId);
  // The row is written first, so that the cleanup finds what a crash leaves behind.
  const stored = await writeWithinQuota(ctx, metadata);
  try {
    await ctx.attachments.put(attachmentKey(tenantId, stored.id), path);
  } catch (error) {
    await attachment.delete({ where: { id: stored.id } });
    throw error;
  }
  ctx.log.info({ tenantId, attachmentId: stored.id, size: stored.size }, 'an attachment was stored');
  return stored;
}

/**
 * Returns unsent attachments of the user, in the order of `ids`. Throws ATTACHMENT_NOT_FOUND, or ATTACHMENT_TOO_LARGE
 * when they are too large together.
 */
export async function requireUnsentAttachments(ctx: UserContext, ids: string[]): Promise<Attachment[]> {
  const { tenantId, id: ownerId } = ctx.user;
  const { rows } = await ctx.db.pool.query<Attachment>({
    name: `unsent-attachments:${tenantId}`,
    text: FIND_UNSENT(quoteTenantSchema(tenantId)),
    values: [ids, ownerId],
  });
  const byId = new Map(rows.map((attachment) => [attachment.id, attachment]));
  const attachments = ids.map((id) => byId.get(id)).filter((attachment) => attachment !== undefined);
  if (attachments.length !== ids.length) throw attachmentNotFound();
  requireTotalSize(attachments);
  return attachments;
}

/** Throws ATTACHMENT_TOO_LARGE when files are too large together for one message. */
export function requireTotalSize(attachments: Attachment[]) {
  if (attachments.reduce((sum, { size }) => sum + size, 0) <= limits.attachmentsBytes) return;
  throw new AppError(
    'ATTACHMENT_TOO_LARGE',
    `The files of a message can have at most ${limits.attachmentsBytes} bytes in total.`,
  );
}

type OpenedAttachment = { attachment: Attachment; content: Readable };

/** Opens an attachment of a session that the user may read. Throws ATTACHMENT_NOT_FOUND. */
export const openAttachment = (ctx: AgentContext, id: string) =>
  open(ctx, ctx.user.tenantId, id, { session: readableBy(ctx.user) });

/** Opens an attachment of a task for its bridge. Throws ATTACHMENT_NOT_FOUND. */
export const openTaskAttachment = (services: AgentServices, { tenantId, taskId, sessionId }: Capability, id: string) =>
  open(services, tenantId, id, { taskId, sessionId });

async function open(
  services: AgentServices,
  tenantId: string,
  id: string,
  where: Prisma.AttachmentWhereInput,
): Promise<OpenedAttachment> {
  if (!Id.safeParse(id).success) throw attachmentNotFound();
  const attachment = await services.db
    .tenant(tenantId)
    .attachment.findFirst({ where: { ...where, id }, select: ATTACHMENT_FIELDS });
  const content = attachment && (await services.attachments.open(attachmentKey(tenantId, id)));
  if (!attachment || !content) throw attachmentNotFound();
  return { attachment, content };
}
