import type { Prisma } from '@it0/db/generated/tenant/client';
import type { User } from '../../context.ts';

type Principal = Pick<User, 'id' | 'role'>;

/** Returns the key under which people share a read: those with the same key see the same. */
export const principalKey = ({ tenantId, id, role }: User) => `${tenantId} ${id} ${role}`;

/** A removed one is there for nobody, while it is cleared up after. */
const NOT_REMOVED = { desiredState: { not: 'REMOVED' } } satisfies Prisma.AgentInstanceWhereInput;

/** The instances that are somebody's own. */
export const isOwnedBy = ({ id }: Principal) =>
  ({ ...NOT_REMOVED, ownerId: id }) satisfies Prisma.AgentInstanceWhereInput;

/** The instances that somebody sees: their own, and those shared with them or with their role. */
export const visibleTo = ({ id, role }: Principal) =>
  ({
    ...NOT_REMOVED,
    OR: [{ ownerId: id }, { shares: { some: { OR: [{ userId: id }, { role }] } } }],
  }) satisfies Prisma.AgentInstanceWhereInput;

/** The conversations that somebody may read: their own with iAgent, and all with an instance that they see. */
export const readableBy = (user: Principal) =>
  ({
    OR: [{ ownerId: user.id, agentInstanceId: null }, { agentInstance: visibleTo(user) }],
  }) satisfies Prisma.AgentSessionWhereInput;

/** `readableBy` for SQL: of the session `s`. */
export const readableSql = (schema: string, userId: string, role: string) =>
  `(s."ownerId" = ${userId} AND s."agentInstanceId" IS NULL OR EXISTS (
    SELECT FROM ${schema}."AgentInstance" i
    WHERE i."id" = s."agentInstanceId" AND ${visibleSql(schema, userId, role)}))`;

/** `visibleTo` for SQL: of the instance `i`, for whoever's id and role these expressions are. */
export const visibleSql = (schema: string, userId: string, role: string) =>
  `(i."desiredState" <> 'REMOVED' AND (i."ownerId" = ${userId} OR EXISTS (SELECT FROM ${schema}."InstanceShare" sh
    WHERE sh."instanceId" = i."id" AND (sh."userId" = ${userId} OR sh."role" = ${role}))))`;
