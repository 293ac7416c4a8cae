import { ApprovalDecision, ApprovalKind, type ApprovalStatus } from '@it0/contracts/chat-event';
import { Id } from '@it0/contracts/ids';
import { limits } from '@it0/contracts/limits';
import { z } from 'zod';
import { lookupNames } from '../../auth/member/names.ts';
import type { UserContext } from '../../context.ts';
import { principalKey, readableBy, readableSql } from '../instance/access.ts';
import { tenantTables } from '../task/event-log.ts';
import type { ApprovalRequest } from './same-request.ts';

export const PendingApproval = z
  .object({
    approvalId: Id,
    kind: ApprovalKind,
    command: z.string().describe('The command, or the path, or the address.'),
    cwd: z.string().nullable(),
    content: z.string().nullable().describe('Of a file to be written: all that it will hold.'),
    digest: z
      .string()
      .nullable()
      .describe('SHA-256 of what is decided about, in hex: the log and the audit have the same one.'),
    agentConfiguration: z
      .boolean()
      .describe('The command’s folder holds configuration that an agent wrote: no rule allows it.'),
    warning: z.string().nullable().describe('What the bridge has to say about it.'),
    allowedDecisions: z.array(ApprovalDecision),
    instanceId: Id.nullable().describe('Null for iAgent’s.'),
    instanceName: z.string().nullable(),
    sessionId: Id,
    sessionTitle: z.string(),
    askerName: z.string().describe('Who sent the message that led to it.'),
    askedAt: z.iso.datetime(),
    expiresAt: z.iso.datetime(),
  })
  .meta({ id: 'PendingApproval', description: 'A command that waits for a decision.' });
export type PendingApproval = z.infer<typeof PendingApproval>;

export const PendingApprovals = z
  .object({
    approvals: z.array(PendingApproval).describe('The oldest first.'),
    notListed: z.int().describe('How many more wait, since the list shows so many, and so many of each instance.'),
  })
  .meta({ id: 'PendingApprovals', description: 'Commands that wait for a decision.' });
export type PendingApprovals = z.infer<typeof PendingApprovals>;

/** What has become of one that waited. */
export type SettledApproval = {
  approvalId: string;
  status: z.infer<typeof ApprovalStatus>;
  decidedBy: string | null;
  decidedByRule: string | null;
};

export type Reading = Pick<UserContext, 'db' | 'user' | 'sharedReads'>;

/**
 * Lists pending approvals in the sessions that the user may read, oldest first. An instance with many of them does not
 * keep those of others off the list. Streams of a person share a read.
 */
export const listPending = (ctx: Reading): Promise<PendingApprovals> =>
  ctx.sharedReads(`pending ${principalKey(ctx.user)}`, () => findPending(ctx));

async function findPending(ctx: Reading): Promise<PendingApprovals> {
  const { db, user } = ctx;
  const listed = await chooseListed(ctx);
  const found = await db.tenant(user.tenantId).approval.findMany({
    where: { id: { in: listed.map(({ id }) => id) }, status: 'PENDING', task: { session: readableBy(user) } },
    orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
    select: {
      id: true,
      request: true,
      createdAt: true,
      expiresAt: true,
      task: {
        select: {
          ownerId: true,
          session: { select: { id: true, title: true, agentInstance: { select: { id: true, name: true } } } },
        },
      },
    },
  });
  const names = await lookupNames(
    ctx,
    found.map(({ task }) => task.ownerId),
  );
  const approvals = found.map(({ id, request, createdAt, expiresAt, task: { ownerId, session } }) => {
    const {
      kind = 'exec',
      command,
      cwd = null,
      content = null,
      digest = null,
      agentConfiguration = false,
      warning = null,
      allowedDecisions,
    } = request as ApprovalRequest;
    return {
      ...{ approvalId: id, kind, command, cwd, content, digest, agentConfiguration, warning, allowedDecisions },
      instanceId: session.agentInstance?.id ?? null,
      instanceName: session.agentInstance?.name ?? null,
      sessionId: session.id,
      sessionTitle: session.title,
      askerName: names(ownerId),
      askedAt: createdAt.toISOString(),
      expiresAt: expiresAt.toISOString(),
    };
  });
  return { approvals, notListed: (listed[0]?.total ?? 0) - listed.length };
}

/** An approval that is listed, and the number of all that could be. */
type Listed = { id: string; total: number };

/** `place` counts the approvals of an instance from the oldest. */
const CHOOSE_LISTED = (schema: string) => `
  SELECT "id", "total" FROM (
    SELECT a."id", a."createdAt", count(*) OVER ()::int AS "total",
      row_number() OVER (PARTITION BY s."agentInstanceId" ORDER BY a."createdAt", a."id") AS "place"
    FROM ${schema}."Approval" a
    JOIN ${schema}."AgentTask" t ON t."id" = a."taskId"
    JOIN ${schema}."AgentSession" s ON s."id" = t."sessionId"
    WHERE a."status" = 'PENDING' AND a."expiresAt" > now() AND ${readableSql(schema, '$1', '$2')}
  ) waiting
  WHERE "place" <= ${limits.instancePendingApprovals}
  ORDER BY "place", "createdAt", "id" LIMIT ${limits.pendingApprovals}`;

/**
 * Chooses the unexpired approvals that are listed, the oldest of each instance first. Uses the clock of the database,
 * which set the expiry, since those of servers differ.
 */
const chooseListed = async ({ db, user }: Reading): Promise<Listed[]> =>
  (await db.pool.query<Listed>(CHOOSE_LISTED(tenantTables(user.tenantId)), [user.id, user.role])).rows;

/** What has become of these, as far as the user may know. */
export const listSettled = async (ctx: Reading, ids: string[]): Promise<SettledApproval[]> =>
  ids.length === 0
    ? []
    : ctx.sharedReads(`settled ${principalKey(ctx.user)} ${ids.join()}`, () => findSettled(ctx, ids));

async function findSettled(ctx: Reading, ids: string[]): Promise<SettledApproval[]> {
  const { db, user } = ctx;
  const found = await db.tenant(user.tenantId).approval.findMany({
    where: { id: { in: ids }, task: { session: readableBy(user) } },
    select: { id: true, status: true, decidedById: true, decidedByRule: true },
  });
  const names = await lookupNames(
    ctx,
    found.flatMap(({ decidedById }) => decidedById ?? []),
  );
  return found.map(({ id, status, decidedById, decidedByRule }) => ({
    approvalId: id,
    // One whose time is over, and whose bridge has not said so yet.
    status: status === 'PENDING' ? 'EXPIRED' : status,
    decidedBy: decidedById && names(decidedById),
    decidedByRule,
  }));
}
