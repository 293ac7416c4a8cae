import { toSessionChannel } from '@it0/bus/bus';
import type { Attachment } from '@it0/contracts/attachment';
import { Id } from '@it0/contracts/ids';
import { limits } from '@it0/contracts/limits';
import type { AttachmentPart } from '@it0/contracts/message';
import { head, text } from '@it0/contracts/text';
import { tenantTables } from '@it0/db/sql';
import { DatabaseError, type Pool } from 'pg';
import { v7 as newId } from 'uuid';
import { z } from 'zod';
import { createTenantBatcher } from '../../batcher.ts';
import type { UserContext } from '../../core.ts';
import { AppError } from '../../errors.ts';
import type { AgentContext } from '../agent-services.ts';
import { attachmentNotFound, requireUnsentAttachments } from '../attachment/attachment.ts';
import { visibleSql } from '../instance/access.ts';
import { instanceNotFound } from '../instance/instance.ts';
import { sessionNotFound } from '../session/session.ts';
import { toDurableEvent } from './event-log.ts';
import type { NewEvent } from './task.ts';

/** A message for an instance. */
export const CreateTask = z
  .object({
    instanceId: Id,
    sessionId: Id.optional().describe('The session to continue. Without it, a new one is created.'),
    message: text(limits.message).refine((message) => message.trim() !== '', 'Enter a message.'),
    requestId: Id.describe('Idempotency key, chosen by the client: a repeated request returns the first one’s task.'),
    attachmentIds: z
      .array(Id)
      .max(limits.attachments)
      .refine((ids) => new Set(ids).size === ids.length, 'List each file only once.')
      .optional()
      .describe('Files that the same person uploaded before and has not sent with another message.'),
  })
  .meta({ examples: [{ message: 'How full are the disks?', requestId: '01990000-0000-7000-8000-00000000000a' }] });
export type CreateTask = z.infer<typeof CreateTask>;

/** The input of `assistant.createTask`. */
export const AskAssistant = CreateTask.omit({ instanceId: true }).meta({
  examples: [{ message: 'Which instance is idle?', requestId: '01990000-0000-7000-8000-00000000000a' }],
});

/** The ids of a created task and its session. */
export const CreatedTask = z.object({ sessionId: Id, taskId: Id }).meta({ id: 'CreatedTask' });
export type CreatedTask = z.infer<typeof CreatedTask>;

const TITLE_LENGTH = 80;

/**
 * Creates tasks, each with its session, message, events and dispatch. With `attaches`, the statement also binds
 * attachments: unsent ones are locked, and a task with a missing one is not created. CTEs: `request`, `candidate` (has
 * an agent that the user sees), `accepted` (its agent runs), `resumed_session`, `created_session`, `session` (either),
 * `task`, `message`, `event`, `dispatch`; for attachments `locked_attachment`, `free_attachment`, `attachment_check`,
 * `bound_attachment`.
 */
const CREATE_TASKS = (schema: string, attaches: boolean) => `
  WITH request AS (
    SELECT * FROM json_to_recordset($1) r("position" int, "ownerId" uuid, "role" text, "instanceId" uuid,
      "sessionId" uuid, "newSessionId" uuid, "title" text, "taskId" uuid, "requestId" uuid, "message" text,
      "messageId" uuid, "events" jsonb${attaches ? ', "attachmentIds" uuid[], "attachmentParts" jsonb' : ''})
  ), candidate AS (
    SELECT r.*, i."status"::text, i."engineType" FROM request r
    JOIN ${schema}."AgentInstance" i ON i."id" = r."instanceId" AND ${visibleSql(schema, 'r."ownerId"', 'r."role"')}
    UNION ALL
    SELECT r.*, a."status", a."engineType" FROM request r JOIN public."Assistant" a ON r."instanceId" IS NULL
  ), ${attaches ? checkAttachments(schema) : ''} accepted AS (
    SELECT * FROM candidate WHERE "status" = 'RUNNING' ${attaches ? HAS_ALL_ATTACHMENTS : ''}
  ), resumed_session AS (
    UPDATE ${schema}."AgentSession" s SET "seq" = s."seq" + 2, "lastActiveAt" = $2
    FROM accepted WHERE s."id" = accepted."sessionId" AND s."ownerId" = accepted."ownerId"
      AND s."agentInstanceId" IS NOT DISTINCT FROM accepted."instanceId"
    RETURNING accepted."position", s."id", s."seq"
  ), created_session AS (
    INSERT INTO ${schema}."AgentSession"
      ("id", "ownerId", "agentInstanceId", "engineType", "title", "seq", "createdAt", "lastActiveAt")
    SELECT "newSessionId", "ownerId", "instanceId", "engineType", "title", 2, $2, $2
    FROM accepted WHERE "sessionId" IS NULL
    RETURNING "id", "seq"
  ), session AS (
    SELECT accepted.*, r."id", r."seq" FROM accepted JOIN resumed_session r USING ("position")
    UNION ALL
    SELECT accepted.*, c."id", c."seq" FROM accepted JOIN created_session c ON c."id" = accepted."newSessionId"
  ), task AS (
    INSERT INTO ${schema}."AgentTask" ("id", "sessionId", "ownerId", "requestId", "message", "createdAt")
    SELECT "taskId", "id", "ownerId", "requestId", "message", $2 FROM session
  ), message AS (
    INSERT INTO ${schema}."ConversationMessage"
      ("id", "sessionId", "taskId", "requestId", "role", "parts", "seq", "createdAt")
    SELECT "messageId", "id", "taskId", "requestId", 'USER',
      jsonb_build_array(jsonb_build_object('type', 'text', 'text', "message"))
        ${attaches ? `|| coalesce("attachmentParts", '[]')` : ''},
      "seq" - 1, $2
    FROM session
  ), ${attaches ? bindAttachments(schema) : ''} event AS (
    INSERT INTO ${schema}."ChatEvent" ("sessionId", "seq", "taskId", "payload", "createdAt")
    SELECT session."id", session."seq" - 2 + e."ordinality", session."taskId", e."value", $2
    FROM session, jsonb_array_elements(session."events") WITH ORDINALITY e
  ), dispatch AS (
    INSERT INTO public."Dispatch" ("tenantId", "sessionId", "taskId") SELECT $3, "id", "taskId" FROM session
  )
  SELECT candidate."position", candidate."status" AS "agentStatus", session."id" AS "sessionId", session."seq"
    ${attaches ? `, ${HAS_ALL} AS "hasAllAttachments"` : ''}
  FROM candidate LEFT JOIN session USING ("position")`;

/** When two requests name the same attachment, the first one gets it. */
const checkAttachments = (schema: string) => `
  locked_attachment AS (
    SELECT a."id", candidate."position"
    FROM ${schema}."Attachment" a JOIN candidate ON a."id" = ANY(candidate."attachmentIds")
    WHERE a."ownerId" = candidate."ownerId" AND a."taskId" IS NULL
    FOR UPDATE OF a
  ), free_attachment AS (
    SELECT DISTINCT ON ("id") "id", "position" FROM locked_attachment ORDER BY "id", "position"
  ), attachment_check AS (
    SELECT candidate."position", coalesce(cardinality(candidate."attachmentIds"), 0) = (
      SELECT count(*) FROM free_attachment f WHERE f."position" = candidate."position") AS "hasAll"
    FROM candidate
  ), `;
const HAS_ALL = '(SELECT "hasAll" FROM attachment_check c WHERE c."position" = candidate."position")';
const HAS_ALL_ATTACHMENTS = `AND ${HAS_ALL}`;
const bindAttachments = (schema: string) => `
  bound_attachment AS (
    UPDATE ${schema}."Attachment" a SET "taskId" = session."taskId", "sessionId" = session."id"
    FROM free_attachment f JOIN session USING ("position") WHERE a."id" = f."id"
  ), `;

/** A task to create, as the statement reads it. */
type NewTask = {
  ownerId: string;
  role: string;
  /** Null for iAgent. */
  instanceId: string | null;
  sessionId: string | null;
  newSessionId: string;
  title: string;
  taskId: string;
  requestId: string;
  message: string;
  messageId: string;
  events: NewEvent[];
  /** Undefined when there are none. */
  attachmentIds?: string[];
  attachmentParts?: AttachmentPart[];
};
/**
 * The result for one task. Null when the user cannot see the agent. `sessionId` is null when nothing was created: the
 * agent does not run, or the session or an attachment was not found.
 */
type WriteResult = {
  agentStatus: string;
  sessionId: string | null;
  seq: string | null;
  hasAllAttachments?: boolean;
  at: Date;
} | null;

/** Creates the function that writes new tasks. Those that arrive while a commit runs share the next one. */
export function createTaskWriter(pool: Pool) {
  return createTenantBatcher<NewTask, WriteResult>({
    async runBatch(tenantId, requests) {
      const at = new Date();
      const attaches = requests.some(({ attachmentIds }) => attachmentIds);
      const { rows } = await pool.query<NonNullable<WriteResult> & { position: number }>({
        name: `create-tasks${attaches ? '-attaching' : ''}:${tenantId}`,
        text: CREATE_TASKS(tenantTables(tenantId), attaches),
        values: [
          JSON.stringify(requests.map((request, position) => ({ position, ...request }))),
          at.toISOString(),
          tenantId,
        ],
      });
      const created = new Map(rows.map(({ position, ...row }) => [position, { ...row, at }]));
      return requests.map((_, position) => created.get(position) ?? null);
    },
    // While one batch waits for the disk, the next one is prepared.
    concurrency: 2,
    // The statement can allocate `seq`s for a session only once.
    getKey: ({ sessionId, newSessionId }) => sessionId ?? newSessionId,
  });
}
export type TaskWriter = ReturnType<typeof createTaskWriter>;

/** A message for an instance, or for iAgent when `instanceId` is null. */
type MessageInput = Omit<CreateTask, 'instanceId'> & { instanceId: string | null };

/**
 * Creates a task from a message for an agent. Resolves once it is committed; the dispatcher submits it to the agent
 * afterwards. A repeated `requestId` returns the original task. Throws INSTANCE_NOT_FOUND, INSTANCE_NOT_RUNNING,
 * ASSISTANT_NOT_RUNNING, SESSION_NOT_FOUND, ATTACHMENT_NOT_FOUND, ATTACHMENT_TOO_LARGE or TOO_MANY_REQUESTS.
 */
export async function createTask(
  ctx: AgentContext & { writeTask: TaskWriter },
  input: MessageInput,
): Promise<CreatedTask> {
  const { tenantId, id: ownerId, role } = ctx.user;
  await ctx.rateLimits.createTask(ownerId);
  const [taskId, messageId] = [newId(), newId()];
  const { instanceId, requestId, message, attachmentIds = [] } = input;
  let created: WriteResult;
  let events: NewEvent[];
  try {
    const attachments = attachmentIds.length > 0 ? await requireUnsentAttachments(ctx, attachmentIds) : undefined;
    events = [
      { type: 'message', messageId, requestId, text: message, attachments },
      { type: 'task', status: 'QUEUED' },
    ];
    created = await ctx.writeTask(tenantId, {
      ownerId,
      role,
      instanceId,
      taskId,
      requestId,
      message,
      messageId,
      events,
      sessionId: input.sessionId ?? null,
      newSessionId: newId(),
      title: toTitle(message),
      ...(attachments && { attachmentIds, attachmentParts: attachments.map(toPart) }),
    });
    if (created?.hasAllAttachments === false) throw attachmentNotFound();
  } catch (error) {
    const original = mayBeRepeat(error) && (await findByRequest(ctx, requestId));
    if (original) return original;
    throw error;
  }
  if (!created && instanceId) throw instanceNotFound();
  if (created?.agentStatus !== 'RUNNING') throw instanceId ? instanceNotRunning() : assistantNotRunning();
  if (!created.sessionId) throw sessionNotFound();

  const { sessionId, at } = created;
  const first = Number(created.seq) - events.length + 1;
  ctx.bus.publish(
    toSessionChannel(tenantId, sessionId),
    events.map((event, index) => toDurableEvent(event, { seq: first + index, at, taskId })),
  );
  ctx.dispatcher.wake({ tenantId, taskId });
  ctx.log.info({ tenantId, sessionId, taskId }, 'a task was created');
  return { sessionId, taskId };
}

const instanceNotRunning = () =>
  new AppError('INSTANCE_NOT_RUNNING', 'The instance is not running, so it cannot receive messages.');
const assistantNotRunning = () =>
  new AppError('ASSISTANT_NOT_RUNNING', 'iAgent is not running, so it cannot receive messages.');

const toTitle = (message: string) => head(message.trim().split('\n', 1)[0] ?? '', TITLE_LENGTH);

const toPart = (attachment: Attachment): AttachmentPart => ({ type: 'attachment', ...attachment });

/** Returns whether the request may be a retry. On a retry, the attachments are already bound to the original task. */
const mayBeRepeat = (error: unknown) =>
  (error instanceof DatabaseError &&
    error.code === '23505' &&
    error.constraint === 'AgentTask_ownerId_requestId_key') ||
  (error instanceof AppError && error.reason === 'ATTACHMENT_NOT_FOUND');

async function findByRequest({ db, user }: UserContext, requestId: string) {
  const task = await db.tenant(user.tenantId).agentTask.findUnique({
    where: { ownerId_requestId: { ownerId: user.id, requestId } },
    select: { id: true, sessionId: true },
  });
  return task && { sessionId: task.sessionId, taskId: task.id };
}
