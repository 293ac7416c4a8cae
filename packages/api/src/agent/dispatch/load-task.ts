import type { TaskAttachment } from '@it0/contracts/bridge';
import type { ApprovalDecision, TaskStatus } from '@it0/contracts/chat-event';
import type { Database } from '@it0/db/database';
import type { Transport } from '@it0/db/generated/tenant/enums';
import { quoteTenantSchema } from '@it0/db/sql';
import { isStillAllowedSql } from '../approval/effective-decision.ts';
import type { Claim } from './dispatch-table.ts';

/** Time limit of a message to iAgent when iAgent was disabled meanwhile. */
const ABANDONED_MINUTES = 5;

/** A task with all that a reconciliation needs. */
type TaskRow = {
  id: string;
  status: TaskStatus;
  text: string;
  message: string;
  branch: number;
  createdAt: Date;
  /** Null while the task waits for a stopped instance, since that time does not count. */
  deadline: Date | null;
  /** Time until the deadline by the clock of the database, since those of servers differ. */
  remainingMs: number | null;
  cancelRequestedAt: Date | null;
  ownerId: string;
  /** Null for iAgent. */
  instanceId: string | null;
  transport: Transport | null;
  bridgeUrl: string | null;
  /** Null when iAgent is disabled. */
  bridgeSecret: Uint8Array | null;
  isStopped: boolean;
  isRemote: boolean;
  sharedFolderWritable: boolean;
  /** Address at which a remote bridge reaches this server; null for a local bridge. */
  serverUrl: string | null;
  attachments: Omit<TaskAttachment, 'url'>[];
  undelivered: { id: string; decision: ApprovalDecision }[];
};

/** A task with its session and tenant. */
export type LoadedTask = TaskRow & { tenantId: string; sessionId: string };
/** A task whose time is running. */
export type Task = LoadedTask & { deadline: Date; remainingMs: number };

/** Returns whether the time of a task is running. */
export const hasDeadline = (task: LoadedTask): task is Task => task.remainingMs !== null;

/**
 * Loads a task, and sets its deadline when its instance runs for the first time. `$1` is the task, `$2` the tenant. It is
 * one statement, which writes only the first time.
 */
const LOAD_TASK = (schema: string) => `
  WITH new_deadline AS (${newDeadline(schema)})
  SELECT t."id", t."status", t."text", t."message", t."branch", t."createdAt",
    t."cancelRequestedAt", t."ownerId",
    ${DEADLINE} AS "deadline",
    (extract(epoch FROM ${DEADLINE} - now()) * 1000)::int8::float8 AS "remainingMs",
    i."id" AS "instanceId",
    i."serverUrl",
    COALESCE(i."desiredState" <> 'RUNNING', false) AS "isStopped",
    COALESCE(i."driver" = 'remote', false) AS "isRemote",
    COALESCE(i."sharedFolderWritable", false) AS "sharedFolderWritable",
    i."transport",
    COALESCE(i."bridgeUrl", iagent."bridgeUrl") AS "bridgeUrl",
    COALESCE(i."bridgeSecret", iagent."bridgeSecret") AS "bridgeSecret",
    (${attachments(schema)}) AS "attachments",
    (${undeliveredDecisions(schema)}) AS "undelivered"
  FROM ${schema}."AgentTask" t
  JOIN ${sessionAgent(schema)} ON s."id" = t."sessionId"
  LEFT JOIN new_deadline ON true
  WHERE t."id" = $1`;

const DEADLINE = 'COALESCE(t."deadline", new_deadline."deadline")';

/** The session `s` with its instance `i`, or with iAgent. */
const sessionAgent = (schema: string) => `(
    ${schema}."AgentSession" s
    LEFT JOIN ${schema}."AgentInstance" i ON i."id" = s."agentInstanceId"
    LEFT JOIN public."Assistant" iagent ON s."agentInstanceId" IS NULL
  )`;

const newDeadline = (schema: string) => `
  UPDATE ${schema}."AgentTask" t
  SET "deadline" = now()
    + COALESCE(i."taskMinutes", iagent."taskMinutes", ${ABANDONED_MINUTES}) * interval '1 minute'
  FROM ${sessionAgent(schema)}
  WHERE t."id" = $1
    AND s."id" = t."sessionId"
    AND t."deadline" IS NULL
    AND (i."desiredState" = 'RUNNING' OR s."agentInstanceId" IS NULL)
  RETURNING t."deadline"`;

/** The attachments in the order of their message. */
const attachments = (schema: string) => `
  SELECT coalesce(json_agg(${ATTACHMENT} ORDER BY ${positionInMessage(schema)}), '[]')
  FROM ${schema}."Attachment" f
  WHERE f."taskId" = t."id"`;

const ATTACHMENT = `json_build_object(
  'id', f."id",
  'name', f."name",
  'mediaType', f."mediaType",
  'size', f."size",
  'sha256', f."sha256")`;

const positionInMessage = (schema: string) => `(
  SELECT part."ordinality"
  FROM ${schema}."ConversationMessage" m, jsonb_array_elements(m."parts") WITH ORDINALITY part
  WHERE m."sessionId" = f."sessionId"
    AND m."taskId" = f."taskId"
    AND m."role" = 'USER'
    AND part."value"->>'id' = f."id"::text
  )`;

const undeliveredDecisions = (schema: string) => `
  SELECT coalesce(json_agg(json_build_object('id', a."id", 'decision', ${decision(schema)})), '[]')
  FROM ${schema}."Approval" a
  WHERE a."taskId" = t."id"
    AND a."decidedAt" IS NOT NULL
    AND a."deliveredAt" IS NULL`;

const decision = (schema: string) => `CASE WHEN ${isStillAllowedSql(schema, '$2')} THEN 'allow-once' ELSE 'deny' END`;

/** Loads a claimed task. Returns null when it does not exist. */
export async function loadTask({ pool }: Database, { tenantId, sessionId, taskId }: Claim): Promise<LoadedTask | null> {
  const { rows } = await pool.query<TaskRow>({
    name: `load-task:${tenantId}`,
    text: LOAD_TASK(quoteTenantSchema(tenantId)),
    values: [taskId, tenantId],
  });
  return rows[0] ? { ...rows[0], tenantId, sessionId } : null;
}
