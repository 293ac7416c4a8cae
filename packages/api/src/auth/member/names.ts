import type { Database } from '@it0/db/database';
import type { User } from '../../caller.ts';

/** Returns a lookup of member names. It returns an empty string for former members. */
export async function lookupNames(
  { db, user }: { db: Database; user: User },
  ids: string[],
): Promise<(id: string) => string> {
  const names = new Map([[user.id, user.name]]);
  const others = [...new Set(ids)].filter((id) => id !== user.id);
  if (others.length > 0) {
    const members = await db.platform.member.findMany({
      where: { organizationId: user.tenantId, userId: { in: others } },
      select: { userId: true, user: { select: { name: true } } },
    });
    for (const { userId, user: person } of members) names.set(userId, person.name);
  }
  return (id) => names.get(id) ?? '';
}
