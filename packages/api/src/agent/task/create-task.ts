import { sessionChannel } from '@it0/bus/bus';
import type { Attachment } from '@it0/contracts/attachment';
import { Id } from '@it0/contracts/ids';
import { limits } from '@it0/contracts/limits';
import type { AttachmentPart } from '@it0/contracts/message';
import { head, text } from '@it0/contracts/text';
import { DatabaseError, type Pool } from 'pg';
import { v7 as newId } from 'uuid';
import { z } from 'zod';
import { createTenantBatcher } from '../../batcher.ts';
import type { UserContext } from '../../context.ts';
import { AppError } from '../../errors.ts';
import { attachmentNotFound, requireUnused } from '../attachment/attachment.ts';
import { visibleSql } from '../instance/access.ts';
import { instanceNotFound } from '../instance/instance.ts';
import { sessionNotFound } from '../session/session.ts';
import { tenantTables, toDurableEvent } from './event-log.ts';
import type { NewEvent } from './task.ts';

export const CreateTask = z
  .object({
    instanceId: Id,
    sessionId: Id.optional().describe('The conversation it goes on with; a new one without.'),
    message: text(limits.message).refine((message) => message.trim() !== '', 'Write a message first.'),
    requestId: Id.describe(
      'The client’s name for the request: repeated, it answers the same and starts nothing twice.',
    ),
    attachmentIds: z
      .array(Id)
      .max(limits.attachments)
      .refine((ids) => new Set(ids).size === ids.length, 'Name each file once.')
      .optional()
      .describe('Files that were uploaded before, by the same person and for no other message.'),
  })
  .meta({ examples: [{ message: 'How full are the disks?', requestId: '01990000-0000-7000-8000-00000000000a' }] });
export type CreateTask = z.infer<typeof CreateTask>;

/** The same for iAgent. */
export const AskAssistant = CreateTask.omit({ instanceId: true }).meta({
  examples: [{ message: 'Which instance is idle?', requestId: '01990000-0000-7000-8000-00000000000a' }],
});

export const CreatedTask = z.object({ sessionId: Id, taskId: Id }).meta({ id: 'CreatedTask' });
export type CreatedTask = z.infer<typeof CreatedTask>;

const TITLE_LENGTH = 80;

/**
 * Where attachments come with it, those that nobody has taken are locked; a task of which one is missing is none. Without
 * any, the statement knows nothing of them.
 */
const CREATE = (schema: string, attaches: boolean) => `
  WITH question AS (
    SELECT * FROM json_to_recordset($1) q("place" int, "ownerId" uuid, "role" text, "instanceId" uuid, "sessionId" uuid,
      "newSessionId" uuid, "title" text, "taskId" uuid, "requestId" uuid, "message" text, "messageId" uuid, "events" jsonb
      ${attaches ? ', "attachmentIds" uuid[], "attachmentParts" jsonb' : ''})
  ), asked AS (
    SELECT q.*, i."status"::text, i."engineType" FROM question q
    JOIN ${schema}."AgentInstance" i ON i."id" = q."instanceId" AND ${visibleSql(schema, 'q."ownerId"', 'q."role"')}
    UNION ALL
    SELECT q.*, a."status", a."engineType" FROM question q JOIN public."Assistant" a ON q."instanceId" IS NULL
  ), ${attaches ? unused(schema) : ''} taken AS (
    SELECT * FROM asked WHERE "status" = 'RUNNING' ${attaches ? ALL_THERE : ''}
  ), continued AS (
    UPDATE ${schema}."AgentSession" s SET "seq" = s."seq" + 2, "lastActiveAt" = $2
    FROM taken WHERE s."id" = taken."sessionId" AND s."ownerId" = taken."ownerId"
      AND s."agentInstanceId" IS NOT DISTINCT FROM taken."instanceId"
    RETURNING taken."place", s."id", s."seq"
  ), begun AS (
    INSERT INTO ${schema}."AgentSession"
      ("id", "ownerId", "agentInstanceId", "engineType", "title", "seq", "createdAt", "lastActiveAt")
    SELECT "newSessionId", "ownerId", "instanceId", "engineType", "title", 2, $2, $2 FROM taken WHERE "sessionId" IS NULL
    RETURNING "id", "seq"
  ), session AS (
    SELECT taken.*, continued."id", continued."seq" FROM taken JOIN continued USING ("place")
    UNION ALL
    SELECT taken.*, begun."id", begun."seq" FROM taken JOIN begun ON begun."id" = taken."newSessionId"
  ), task AS (
    INSERT INTO ${schema}."AgentTask" ("id", "sessionId", "ownerId", "requestId", "message", "createdAt")
    SELECT "taskId", "id", "ownerId", "requestId", "message", $2 FROM session
  ), message AS (
    INSERT INTO ${schema}."ConversationMessage" ("id", "sessionId", "taskId", "requestId", "role", "parts", "seq", "createdAt")
    SELECT "messageId", "id", "taskId", "requestId", 'USER',
      jsonb_build_array(jsonb_build_object('type', 'text', 'text', "message"))${attaches ? ' || coalesce("attachmentParts", \'[]\')' : ''}, "seq" - 1, $2
    FROM session
  ), ${attaches ? attached(schema) : ''} event AS (
    INSERT INTO ${schema}."ChatEvent" ("sessionId", "seq", "taskId", "payload", "createdAt")
    SELECT session."id", session."seq" - 2 + e."ordinality", session."taskId", e."value", $2
    FROM session, jsonb_array_elements(session."events") WITH ORDINALITY e
  ), dispatch AS (
    INSERT INTO public."Dispatch" ("tenantId", "sessionId", "taskId") SELECT $3, "id", "taskId" FROM session
  )
  SELECT asked."place", asked."status" AS "agentStatus", session."id" AS "sessionId", session."seq"
    ${attaches ? `, (SELECT "there" FROM whole WHERE whole."place" = asked."place") AS "attached"` : ''}
  FROM asked LEFT JOIN session USING ("place")`;

/** Of two tasks that ask for the same attachment the first has it. */
const unused = (schema: string) => `
  locked AS (
    SELECT a."id", asked."place" FROM ${schema}."Attachment" a JOIN asked ON a."id" = ANY(asked."attachmentIds")
    WHERE a."ownerId" = asked."ownerId" AND a."taskId" IS NULL
    FOR UPDATE OF a
  ), unused AS (
    SELECT DISTINCT ON ("id") "id", "place" FROM locked ORDER BY "id", "place"
  ), whole AS (
    SELECT asked."place",
      coalesce(cardinality(asked."attachmentIds"), 0) = (SELECT count(*) FROM unused WHERE unused."place" = asked."place") AS "there"
    FROM asked
  ), `;
const ALL_THERE = 'AND (SELECT "there" FROM whole WHERE whole."place" = asked."place")';
const attached = (schema: string) => `
  attached AS (
    UPDATE ${schema}."Attachment" a SET "taskId" = session."taskId", "sessionId" = session."id"
    FROM unused JOIN session USING ("place") WHERE a."id" = unused."id"
  ), `;

/** What is asked for, as the statement takes it. */
type Asked = {
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
  /** Only where there are some. */
  attachmentIds?: string[];
  attachmentParts?: AttachmentPart[];
};
/** Null when the agent is not there for who asks; without a session when that is not, or an attachment. */
type Created = {
  agentStatus: string;
  sessionId: string | null;
  seq: string | null;
  attached?: boolean;
  at: Date;
} | null;

/** Writes new tasks: those that come while the disk is busy in one statement and one commit. */
export function createTaskLog(pool: Pool) {
  return createTenantBatcher<Asked, Created>({
    async runBatch(tenantId, questions) {
      const at = new Date();
      const attaches = questions.some(({ attachmentIds }) => attachmentIds);
      const { rows } = await pool.query<NonNullable<Created> & { place: number }>({
        name: `create-tasks${attaches ? '-attaching' : ''}:${tenantId}`,
        text: CREATE(tenantTables(tenantId), attaches),
        values: [JSON.stringify(questions.map((asked, place) => ({ place, ...asked }))), at.toISOString(), tenantId],
      });
      const created = new Map(rows.map(({ place, ...row }) => [place, { ...row, at }]));
      return questions.map((_, place) => created.get(place) ?? null);
    },
    // One waits for the disk while the next is made ready.
    concurrency: 2,
    // The statement allocates a session's next `seq`s once.
    getKey: ({ sessionId, newSessionId }) => sessionId ?? newSessionId,
  });
}
export type TaskLog = ReturnType<typeof createTaskLog>;

/** A message for an instance, or without one for iAgent. */
type Ask = Omit<CreateTask, 'instanceId'> & { instanceId: string | null };

/**
 * Takes one message for an agent. The answer comes as soon as everything stands in the database, one statement later;
 * the agent has not been asked yet.
 */
export async function createTask(ctx: UserContext, input: Ask): Promise<CreatedTask> {
  const { tenantId, id: ownerId, role } = ctx.user;
  await ctx.rateLimits.createTask(ownerId);
  const [taskId, messageId] = [newId(), newId()];
  const { instanceId, requestId, message, attachmentIds = [] } = input;
  let created: Created;
  let events: NewEvent[];
  try {
    const attachments = attachmentIds.length > 0 ? await requireUnused(ctx, attachmentIds) : undefined;
    events = [
      { type: 'message', messageId, requestId, text: message, attachments },
      { type: 'task', status: 'QUEUED' },
    ];
    created = await ctx.writeTask(tenantId, {
      ...{ ownerId, role, instanceId, taskId, requestId, message, messageId, events },
      sessionId: input.sessionId ?? null,
      newSessionId: newId(),
      title: titleOf(message),
      ...(attachments && { attachmentIds, attachmentParts: attachments.map(partOf) }),
    });
    if (created?.attached === false) throw attachmentNotFound();
  } catch (error) {
    const earlier = isRepeated(error) && (await findByRequest(ctx, requestId));
    if (earlier) return earlier;
    throw error;
  }
  if (!created && instanceId) throw instanceNotFound();
  if (created?.agentStatus !== 'RUNNING') throw instanceId ? instanceNotRunning() : assistantNotRunning();
  if (!created.sessionId) throw sessionNotFound();

  const { sessionId, at } = created;
  const first = Number(created.seq) - events.length + 1;
  ctx.bus.publish(
    sessionChannel(tenantId, sessionId),
    events.map((event, index) => toDurableEvent(event, { seq: first + index, at, taskId })),
  );
  ctx.dispatcher.wake({ tenantId, taskId });
  ctx.log.info({ tenantId, sessionId, taskId }, 'a task was created');
  return { sessionId, taskId };
}

const instanceNotRunning = () =>
  new AppError('INSTANCE_NOT_RUNNING', 'The instance is not running, so it cannot take a message.');
const assistantNotRunning = () =>
  new AppError('ASSISTANT_NOT_RUNNING', 'iAgent is not running, so it cannot take a message.');

const titleOf = (message: string) => head(message.trim().split('\n', 1)[0] ?? '', TITLE_LENGTH);

const partOf = (attachment: Attachment): AttachmentPart => ({ type: 'attachment', ...attachment });

/** A request that comes again finds its attachments taken, by itself. */
const isRepeated = (error: unknown) =>
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
