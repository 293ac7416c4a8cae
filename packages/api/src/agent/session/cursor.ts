import type { Prisma } from '@it0/db/generated/tenant/client';
import { z } from 'zod';

/**
 * A place in the list of conversations: when the last one of a page was active, and its id. It names no row, so the next
 * page begins there also when that row is gone or has moved to the front meanwhile.
 */
export const SessionCursor = z
  .string()
  .regex(/^\d{1,15}-[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i, 'Pass an earlier page’s `nextCursor`.');

type Place = { id: string; lastActiveAt: Date };

/** The order of the list: the latest first. */
export const latestFirst = [
  { lastActiveAt: 'desc' },
  { id: 'desc' },
] satisfies Prisma.AgentSessionOrderByWithRelationInput[];

export const formatCursor = ({ id, lastActiveAt }: Place) => `${lastActiveAt.getTime()}-${id}`;

/** Returns the condition for what follows the cursor in that order. */
export function followsCursor(cursor: string): Prisma.AgentSessionWhereInput {
  const dash = cursor.indexOf('-');
  const lastActiveAt = new Date(Number(cursor.slice(0, dash)));
  const id = cursor.slice(dash + 1).toLowerCase();
  // The first condition alone is what an index can use.
  return { lastActiveAt: { lte: lastActiveAt }, OR: [{ lastActiveAt: { lt: lastActiveAt } }, { id: { lt: id } }] };
}
