import { ApprovalDecision, ApprovalKind, type ApprovalRequest, type ApprovalStatus } from '@it0/contracts/chat-event';
import { Id } from '@it0/contracts/ids';
import { limits } from '@it0/contracts/limits';
import type { Database } from '@it0/db/database';
import { quoteTenantSchema } from '@it0/db/sql';
import { z } from 'zod';
import { lookupNames } from '../../auth/member/names.ts';
import type { User } from '../../caller.ts';
import type { SharedReads } from '../../shared-reads.ts';
import { principalKey, readableBy, readableSql } from '../instance/access.ts';

/** A pending approval, with its instance and session. */
export const PendingApproval = z
  .object({
    approvalId: Id,
    kind: ApprovalKind,
    command: z.string().describe('The command, path or URL.'),
    cwd: z.string().nullable(),
    content: z.string().nullable().describe('The full new content of a file to be written.'),
    digest: z.string().nullable().describe('SHA-256 of the request, in hex, as in the log and the audit.'),
    agentConfiguration: z
      .boolean()
      .describe(
        'Whether the folder of the command contains configuration that an agent wrote. No rule allows such a command.',
      ),
    warning: z.string().nullable().describe('A warning of the bridge about the request.'),
    allowedDecisions: z.array(ApprovalDecision),
    instanceId: Id.nullable().describe('Null for iAgent.'),
    instanceName: z.string().nullable(),
    sessionId: Id,
    taskId: Id.describe('The task of the message. It can be in a branch of the session that is not selected.'),
    sessionTitle: z.string(),
    askerName: z.string().describe('Name of the user who sent the message.'),
    askedAt: z.iso.datetime(),
    expiresAt: z.iso.datetime(),
  })
  .meta({ id: 'PendingApproval', description: 'An approval that waits for a decision.' });
export type PendingApproval = z.infer<typeof PendingApproval>;

/** The pending approvals that are listed, and the number of the others. */
export const PendingApprovals = z
  .object({
    approvals: z.array(PendingApproval).describe('Oldest first.'),
    notListed: z.int().describe('Number of pending approvals beyond the limits of the list and of each instance.'),
  })
  .meta({ id: 'PendingApprovals', description: 'The approvals that wait for a decision.' });
export type PendingApprovals = z.infer<typeof PendingApprovals>;

/** The outcome of an approval that was pending. */
export type SettledApproval = {
  approvalId: string;
  status: Exclude<ApprovalStatus, 'PENDING'>;
  decidedBy: string | null;
  decidedByRule: string | null;
};

/** The part of the request context that the reads of approvals need. */
export type ReadContext = { db: Database; user: User; sharedReads: SharedReads };

/**
 * Lists pending approvals in the sessions that the user may read, oldest first. An instance with many of them does not
 * displace those of others. Streams of a person share a read.
 */
export const listPending = (ctx: ReadContext): Promise<PendingApprovals> =>
  ctx.sharedReads(`pending ${principalKey(ctx.user)}`, () => findPending(ctx));

async function findPending(ctx: ReadContext): Promise<PendingApprovals> {
  const { db, user } = ctx;
  const listed = await chooseListed(ctx);
  // The usual case, for which every open page asks every ten seconds.
  if (listed.length === 0) return { approvals: [], notListed: 0 };
  const approvalRows = await db.tenant(user.tenantId).approval.findMany({
    where: { id: { in: listed.map(({ id }) => id) }, status: 'PENDING', task: { session: readableBy(user) } },
    orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
    select: {
      id: true,
      request: true,
      createdAt: true,
      expiresAt: true,
      task: {
        select: {
          id: true,
          ownerId: true,
          session: { select: { id: true, title: true, agentInstance: { select: { id: true, name: true } } } },
        },
      },
    },
  });
  const names = await lookupNames(
    ctx,
    approvalRows.map(({ task }) => task.ownerId),
  );
  const approvals = approvalRows.map(
    ({ id, request, createdAt, expiresAt, task: { id: taskId, ownerId, session } }) => {
      const {
        kind = 'exec',
        command,
        cwd = null,
        content = null,
        digest = null,
        agentConfiguration = false,
        warning = null,
        allowedDecisions,
      } = request as ApprovalRequest & { digest?: string };
      return {
        ...{ approvalId: id, kind, command, cwd, content, digest, agentConfiguration, warning, allowedDecisions },
        instanceId: session.agentInstance?.id ?? null,
        instanceName: session.agentInstance?.name ?? null,
        sessionId: session.id,
        taskId,
        sessionTitle: session.title,
        askerName: names(ownerId),
        askedAt: createdAt.toISOString(),
        expiresAt: expiresAt.toISOString(),
      };
    },
  );
  return { approvals, notListed: listed[0]!.total - listed.length };
}

/** An approval that is listed, and the number of all that could be. */
type Listed = { id: string; total: number };

/** `rank` numbers the approvals of each instance, starting with the oldest. */
const CHOOSE_LISTED = (schema: string) => `
  SELECT "id", "total" FROM (
    SELECT a."id", a."createdAt", count(*) OVER ()::int AS "total",
      row_number() OVER (PARTITION BY s."agentInstanceId" ORDER BY a."createdAt", a."id") AS "rank"
    FROM ${schema}."Approval" a
    JOIN ${schema}."AgentTask" t ON t."id" = a."taskId"
    JOIN ${schema}."AgentSession" s ON s."id" = t."sessionId"
    WHERE a."status" = 'PENDING'
      AND a."expiresAt" > now()
      AND ${readableSql(schema, '$1', '$2')}
  ) pending
  WHERE "rank" <= ${limits.instancePendingApprovals}
  ORDER BY "rank", "createdAt", "id"
  LIMIT ${limits.pendingApprovals}`;

/**
 * Chooses the unexpired approvals that are listed, the oldest of each instance first. Uses the clock of the database,
 * which set the expiry, since those of servers differ.
 */
const chooseListed = async ({ db, user }: ReadContext): Promise<Listed[]> =>
  (await db.pool.query<Listed>(CHOOSE_LISTED(quoteTenantSchema(user.tenantId)), [user.id, user.role])).rows;

/** Reads the outcome of these approvals. Leaves out those that the user cannot see any more. */
export const listSettled = async (ctx: ReadContext, ids: string[]): Promise<SettledApproval[]> =>
  ids.length === 0
    ? []
    : ctx.sharedReads(`settled ${principalKey(ctx.user)} ${ids.join()}`, () => findSettled(ctx, ids));

async function findSettled(ctx: ReadContext, ids: string[]): Promise<SettledApproval[]> {
  const { db, user } = ctx;
  const approvalRows = await db.tenant(user.tenantId).approval.findMany({
    where: { id: { in: ids }, task: { session: readableBy(user) } },
    select: { id: true, status: true, decidedById: true, decidedByRule: true },
  });
  const names = await lookupNames(
    ctx,
    approvalRows.flatMap(({ decidedById }) => decidedById ?? []),
  );
  return approvalRows.map(({ id, status, decidedById, decidedByRule }) => ({
    approvalId: id,
    // Past its expiry, which the bridge has not reported yet.
    status: status === 'PENDING' ? 'EXPIRED' : status,
    decidedBy: decidedById && names(decidedById),
    decidedByRule,
  }));
}
