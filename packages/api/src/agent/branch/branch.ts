import type { TenantClient } from '@it0/db/database';
import type { Prisma } from '@it0/db/generated/tenant/client';
import { z } from 'zod';
import type { UserContext } from '../../core.ts';
import { taskNotFound } from '../task/task.ts';

/**
 * A part of a conversation: the messages of a branch whose `seq` is less than `before`. All messages of a session have
 * one order by `seq`, so a conversation is the messages of its parts in that order.
 */
export const Segment = z.object({ branch: z.int(), before: z.int() });
export type Segment = z.infer<typeof Segment>;

/** A branch that is to be created: the first version of its message, and what precedes that message. */
export type Fork = { originalTaskId: string; path: Segment[] };

const Path = z.array(Segment);

/** Returns the parts of the conversation of a branch, oldest first. */
export async function readSegments(
  tenant: TenantClient,
  { sessionId, branch }: { sessionId: string; branch: number },
): Promise<Segment[]> {
  const last = { branch, before: Number.MAX_SAFE_INTEGER };
  if (branch === 0) return [last];
  const { path } = await tenant.sessionBranch.findUniqueOrThrow({
    where: { sessionId_number: { sessionId, number: branch } },
    select: { path: true },
  });
  return [...Path.parse(path), last];
}

/** Returns a segment as a condition on messages. */
export const toCondition = ({ branch, before }: Segment): Prisma.ConversationMessageWhereInput => ({
  ...{ branch, seq: { lt: before } },
});

type Version = { sessionId: string | undefined; instanceId: string | null; versionOf: string };

/**
 * Returns the branch that another version of a message begins. Versions of a version are siblings: they all follow the
 * same messages. Throws TASK_NOT_FOUND unless the task is of a session of the user with this agent.
 */
export async function findFork(
  { db, user }: UserContext,
  { sessionId, instanceId, versionOf }: Version,
): Promise<Fork> {
  const tenant = db.tenant(user.tenantId);
  const message =
    sessionId &&
    (await tenant.conversationMessage.findFirst({
      where: {
        ...{ sessionId, taskId: versionOf, role: 'USER' },
        session: { ownerId: user.id, agentInstanceId: instanceId, deletedAt: null },
      },
      select: { seq: true, branch: true },
    }));
  if (!message) throw taskNotFound();
  const { branch: number, seq } = message;
  const branch = await tenant.sessionBranch.findUnique({
    where: { sessionId_number: { sessionId, number } },
    select: { taskId: true, originalTaskId: true, path: true },
  });
  const path = branch ? Path.parse(branch.path) : [];
  if (branch?.taskId === versionOf) return { originalTaskId: branch.originalTaskId, path };
  return { originalTaskId: versionOf, path: [...path, { branch: number, before: Number(seq) }] };
}
