import type { Prisma } from '@it0/db/generated/tenant/client';
import type { User } from '../../caller.ts';

type Principal = Pick<User, 'id' | 'role'>;

/** Returns the key under which people share a read: those with the same key see the same. */
export const principalKey = ({ tenantId, id, role }: User) => `${tenantId} ${id} ${role}`;

/** Hides removed instances, whose rows remain until their processes and folders are gone. */
const NOT_REMOVED = { desiredState: { not: 'REMOVED' } } satisfies Prisma.AgentInstanceWhereInput;

/** Returns a filter: the instances that the user owns. */
export const isOwnedBy = ({ id }: Principal) =>
  ({ ...NOT_REMOVED, ownerId: id }) satisfies Prisma.AgentInstanceWhereInput;

/** Returns a filter: the instances that the user can see. They own it, or it is shared with them or with their role. */
export const visibleTo = ({ id, role }: Principal) =>
  ({
    ...NOT_REMOVED,
    OR: [{ ownerId: id }, { shares: { some: { OR: [{ userId: id }, { role }] } } }],
  }) satisfies Prisma.AgentInstanceWhereInput;

/**
 * Returns a filter: the sessions that the user may read. Their own with iAgent, and all with instances they can see,
 * without deleted ones.
 */
export const readableBy = (user: Principal) =>
  ({
    deletedAt: null,
    OR: [{ ownerId: user.id, agentInstanceId: null }, { agentInstance: visibleTo(user) }],
  }) satisfies Prisma.AgentSessionWhereInput;

/** Returns a filter: the sessions that the user owns and may read, also deleted ones. */
export const ownedBy = (user: Principal) =>
  ({ AND: [{ ownerId: user.id }, { OR: readableBy(user).OR }] }) satisfies Prisma.AgentSessionWhereInput;

/** Returns `readableBy` as an SQL condition on the session `s`. */
export const readableSql = (schema: string, userId: string, role: string) =>
  `(s."deletedAt" IS NULL AND (s."ownerId" = ${userId} AND s."agentInstanceId" IS NULL OR EXISTS (
    SELECT FROM ${schema}."AgentInstance" i
    WHERE i."id" = s."agentInstanceId" AND ${visibleSql(schema, userId, role)})))`;

/** Returns `visibleTo` as an SQL condition on the instance `i`. `userId` and `role` are SQL expressions. */
export const visibleSql = (schema: string, userId: string, role: string) =>
  `(i."desiredState" <> 'REMOVED' AND (i."ownerId" = ${userId} OR EXISTS (SELECT FROM ${schema}."InstanceShare" sh
    WHERE sh."instanceId" = i."id" AND (sh."userId" = ${userId} OR sh."role" = ${role}))))`;
