import { sessionChannel } from '@it0/bus/bus';
import { Id } from '@it0/contracts/ids';
import { limits } from '@it0/contracts/limits';
import { head, text } from '@it0/contracts/text';
import { DatabaseError } from 'pg';
import { v7 as newId } from 'uuid';
import { z } from 'zod';
import type { UserContext } from '../../context.ts';
import { AppError } from '../../errors.ts';
import { instanceNotFound } from '../instance/instance.ts';
import { visibleSql } from '../instance/visible.ts';
import { sessionNotFound } from '../session/session.ts';
import { logged, tenantTables } from './event-log.ts';
import type { NewEvent } from './task.ts';

export const CreateTask = z.object({
  instanceId: Id,
  /** The conversation it goes on with; a new one without. */
  sessionId: Id.optional(),
  message: text(limits.message).refine((message) => message.trim() !== '', 'Write a message first.'),
  /** The client's name for the request: repeated, it answers the same and starts nothing twice. */
  requestId: Id,
});
export type CreateTask = z.infer<typeof CreateTask>;

const TITLE_LENGTH = 80;

const CREATE = (schema: string) => `
  WITH instance AS (
    SELECT "id", "status", "engineType" FROM ${schema}."AgentInstance" i
    WHERE "id" = $1 AND ${visibleSql(schema, '$2', '$13')}
  ), continued AS (
    UPDATE ${schema}."AgentSession" SET "seq" = "seq" + 2, "lastActiveAt" = $12
    WHERE "id" = $3 AND "ownerId" = $2 AND "agentInstanceId" = (SELECT "id" FROM instance WHERE "status" = 'RUNNING')
    RETURNING "id", "seq"
  ), begun AS (
    INSERT INTO ${schema}."AgentSession"
      ("id", "ownerId", "agentInstanceId", "engineType", "title", "seq", "createdAt", "lastActiveAt")
    SELECT $4, $2, "id", "engineType", $5, 2, $12, $12 FROM instance WHERE "status" = 'RUNNING' AND $3::uuid IS NULL
    RETURNING "id", "seq"
  ), session AS (
    SELECT * FROM continued UNION ALL SELECT * FROM begun
  ), task AS (
    INSERT INTO ${schema}."AgentTask" ("id", "sessionId", "ownerId", "requestId", "message", "createdAt")
    SELECT $6, "id", $2, $7, $8, $12 FROM session
  ), message AS (
    INSERT INTO ${schema}."ConversationMessage" ("id", "sessionId", "taskId", "requestId", "role", "parts", "seq", "createdAt")
    SELECT $9, "id", $6, $7, 'USER', jsonb_build_array(jsonb_build_object('type', 'text', 'text', $8::text)), "seq" - 1, $12
    FROM session
  ), event AS (
    INSERT INTO ${schema}."ChatEvent" ("sessionId", "seq", "taskId", "payload", "createdAt")
    SELECT session."id", session."seq" - 2 + e."ordinality", $6, e."value", $12
    FROM session, jsonb_array_elements($10::jsonb) WITH ORDINALITY e
  ), dispatch AS (
    INSERT INTO public."Dispatch" ("tenantId", "sessionId", "taskId") SELECT $11, "id", $6 FROM session
  )
  SELECT (SELECT "status" FROM instance) AS "instanceStatus", (SELECT "id" FROM session) AS "sessionId",
    (SELECT "seq" FROM session) AS "seq"`;

type Created = { instanceStatus: string | null; sessionId: string | null; seq: string | null };

/**
 * Takes one message for an agent. The answer comes as soon as everything stands in the database, one statement later;
 * the agent has not been asked yet.
 */
export async function createTask(ctx: UserContext, input: CreateTask): Promise<{ sessionId: string; taskId: string }> {
  const { tenantId, id: ownerId } = ctx.user;
  await ctx.rateLimits.createTask(ownerId);
  const [taskId, messageId, at] = [newId(), newId(), new Date()];
  const events: NewEvent[] = [
    { type: 'message', messageId, requestId: input.requestId, text: input.message },
    { type: 'task', status: 'QUEUED' },
  ];
  let created: Created | undefined;
  try {
    const { rows } = await ctx.db.pool.query<Created>({
      name: `create-task:${tenantId}`,
      text: CREATE(tenantTables(tenantId)),
      values: [
        input.instanceId,
        ownerId,
        input.sessionId ?? null,
        newId(),
        titleOf(input.message),
        taskId,
        input.requestId,
        input.message,
        messageId,
        JSON.stringify(events),
        tenantId,
        at,
        ctx.user.role,
      ],
    });
    created = rows[0];
  } catch (error) {
    const earlier = isRepeated(error) && (await findByRequest(ctx, input.requestId));
    if (earlier) return earlier;
    throw error;
  }
  if (!created?.instanceStatus) throw instanceNotFound();
  if (created.instanceStatus !== 'RUNNING') {
    throw new AppError('INSTANCE_NOT_RUNNING', 'The instance is not running, so it cannot take a message.');
  }
  if (!created.sessionId) throw sessionNotFound();

  const { sessionId } = created;
  const first = Number(created.seq) - events.length + 1;
  ctx.bus.publish(
    sessionChannel(tenantId, sessionId),
    events.map((event, index) => logged(event, { seq: first + index, at, taskId })),
  );
  ctx.dispatcher.wake(taskId);
  ctx.log.info({ tenantId, sessionId, taskId }, 'a task was created');
  return { sessionId, taskId };
}

const titleOf = (message: string) => head(message.trim().split('\n', 1)[0] ?? '', TITLE_LENGTH);

const isRepeated = (error: unknown) =>
  error instanceof DatabaseError && error.code === '23505' && error.constraint === 'AgentTask_ownerId_requestId_key';

async function findByRequest({ db, user }: UserContext, requestId: string) {
  const task = await db.tenant(user.tenantId).agentTask.findUnique({
    where: { ownerId_requestId: { ownerId: user.id, requestId } },
    select: { id: true, sessionId: true },
  });
  return task && { sessionId: task.sessionId, taskId: task.id };
}
