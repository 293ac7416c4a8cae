import type { Queryable } from '@it0/db/queryable';
import type { Core } from '../../core.ts';

/** An API key of any tenant, with the details by which its person recognizes it. */
export type ApiKeySummary = { id: string; name: string; start: string; tenantName: string; lastUsedAt: string | null };

/** Lists the valid keys of a person in all tenants, newest first. */
export async function listKeys({ db }: Core, userId: string): Promise<ApiKeySummary[]> {
  const keys = await db.platform.apiKey.findMany({
    where: {
      referenceId: userId,
      tenantId: { not: null },
      OR: [{ expiresAt: null }, { expiresAt: { gt: new Date() } }],
    },
    select: { id: true, name: true, start: true, lastRequest: true, tenant: { select: { name: true } } },
    orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
    take: 200,
  });
  return keys.map(({ id, name, start, lastRequest, tenant }) => ({
    ...{ id, name: name ?? '', start: start ?? '', tenantName: tenant?.name ?? '' },
    lastUsedAt: lastRequest?.toISOString() ?? null,
  }));
}

/** Deletes all keys of a person. */
export const endKeys = (client: Queryable, userId: string) =>
  client.query('DELETE FROM public."ApiKey" WHERE "referenceId" = $1', [userId]);
