import { toDraftsChannel } from '@it0/bus/bus';
import { Attachment } from '@it0/contracts/attachment';
import { Id } from '@it0/contracts/ids';
import { limits } from '@it0/contracts/limits';
import { count } from '@it0/contracts/number';
import { text } from '@it0/contracts/text';
import { quoteTenantSchema } from '@it0/db/sql';
import { z } from 'zod';
import type { UserContext } from '../../core.ts';
import { instanceNotFound } from '../instance/instance.ts';
import { sessionNotFound } from '../session/session.ts';
import { DELETE_OLDEST_DRAFTS, READ_DRAFT, SAVE_DRAFT } from './draft.sql.ts';

/** Identifies a draft: of a session, or of the new session with an agent. */
export const DraftScope = z.object({
  sessionId: Id.optional().describe('A session of the caller.'),
  instanceId: Id.optional().describe(
    'Without `sessionId`, the draft is for a new session of this instance; without both, for one of iAgent.',
  ),
});
export type DraftScope = z.infer<typeof DraftScope>;

/** A draft. An empty one, which has no row yet, has the revision 0. */
export const Draft = z
  .object({
    text: z.string(),
    attachments: z.array(Attachment).describe('The files of the draft that still exist.'),
    revision: z.int().describe('Changes with every save, and when the message is sent.'),
  })
  .meta({ id: 'Draft', description: 'A message that the caller is writing.' });
export type Draft = z.infer<typeof Draft>;

/** Input of `draft.save`. */
export const SaveDraft = DraftScope.extend({
  text: text(limits.draft),
  attachmentIds: z.array(Id).max(limits.draftAttachments).default([]).describe('Unsent files of the caller.'),
  revision: count().describe('The revision that this text replaces; 0 for none.'),
});

/** Result of `draft.save`. */
export const SavedDraft = z
  .object({
    revision: z.int().describe('The current revision of the draft.'),
    other: Draft.nullable().describe(
      'The draft that was saved meanwhile, for example by another device. Null if the request has saved its own.',
    ),
  })
  .meta({ id: 'SavedDraft' });
type SavedDraft = z.infer<typeof SavedDraft>;

/** Drafts of a person. When there are more, those that were not changed for the longest time are deleted. */
const MAX_DRAFTS = 200;

const EMPTY: Draft = { text: '', attachments: [], revision: 0 };

/** Reads a draft of the user. Throws SESSION_NOT_FOUND or INSTANCE_NOT_FOUND. */
export async function readDraft({ db, user }: Pick<UserContext, 'db' | 'user'>, scope: DraftScope): Promise<Draft> {
  const { rows } = await db.pool.query<{ draft: Draft | null }>({
    name: `draft:${user.tenantId}`,
    text: READ_DRAFT(quoteTenantSchema(user.tenantId)),
    values: toValues(user, scope),
  });
  if (!rows[0]) throw scopeNotFound(scope);
  return rows[0].draft ?? EMPTY;
}

/**
 * Saves a draft of the user, unless it has changed since `revision`: then the result has the other text, so that no
 * device replaces a text that it has not shown. Throws SESSION_NOT_FOUND or INSTANCE_NOT_FOUND.
 */
export async function saveDraft(
  ctx: UserContext,
  { text, attachmentIds, revision, ...scope }: z.infer<typeof SaveDraft>,
): Promise<SavedDraft> {
  const { db, user } = ctx;
  const schema = quoteTenantSchema(user.tenantId);
  const { rows } = await db.pool.query<{ revision: number | null; isNew: boolean | null }>({
    name: `save-draft:${user.tenantId}`,
    text: SAVE_DRAFT(schema),
    values: [...toValues(user, scope), text, attachmentIds, revision],
  });
  const [saved] = rows;
  if (!saved) throw scopeNotFound(scope);
  if (saved.revision === null) {
    const other = await readDraft(ctx, scope);
    return { revision: other.revision, other };
  }
  if (saved.isNew) await db.pool.query(DELETE_OLDEST_DRAFTS(schema), [user.id, MAX_DRAFTS]);
  notifyDraft(ctx);
  return { revision: saved.revision, other: null };
}

/** Announces that a draft of the user has changed. */
export const notifyDraft = ({ bus, user }: Pick<UserContext, 'bus' | 'user'>) =>
  bus.publish(toDraftsChannel(user.tenantId, user.id), []);

const toValues = (user: UserContext['user'], { sessionId, instanceId }: DraftScope) => [
  user.id,
  user.role,
  sessionId ?? null,
  instanceId ?? null,
];

const scopeNotFound = ({ sessionId }: DraftScope) => (sessionId ? sessionNotFound() : instanceNotFound());
