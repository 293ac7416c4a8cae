import type { Prisma } from '@it0/db/generated/tenant/client';
import { z } from 'zod';

/**
 * A position in the list of sessions: the time of the last activity of a page's last session, and its id. It refers to
 * no row, so the next page also starts there when that session was removed or has become active again.
 */
export const SessionCursor = z
  .string()
  .regex(/^\d{1,15}-[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i, 'Pass an earlier page’s `nextCursor`.');

type Position = { id: string; lastActiveAt: Date };

/** Order of the list: most recently active first. */
export const LATEST_FIRST = [
  { lastActiveAt: 'desc' },
  { id: 'desc' },
] satisfies Prisma.AgentSessionOrderByWithRelationInput[];

/** Returns the cursor of a session in that order. */
export const formatCursor = ({ id, lastActiveAt }: Position) => `${lastActiveAt.getTime()}-${id}`;

/** Returns the condition for the sessions after the cursor in that order. */
export function followsCursor(cursor: string): Prisma.AgentSessionWhereInput {
  const dash = cursor.indexOf('-');
  const lastActiveAt = new Date(Number(cursor.slice(0, dash)));
  const id = cursor.slice(dash + 1).toLowerCase();
  // Redundant, but an index can use it, unlike the OR.
  return { lastActiveAt: { lte: lastActiveAt }, OR: [{ lastActiveAt: { lt: lastActiveAt } }, { id: { lt: id } }] };
}
