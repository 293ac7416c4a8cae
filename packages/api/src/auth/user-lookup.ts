import { createHash } from 'node:crypto';
import type { Pool } from 'pg';
import type { User } from '../context.ts';
import { inBatches } from '../in-batches.ts';

const FIND_USERS = `
  SELECT DISTINCT ON (s."tokenHash") encode(s."tokenHash", 'hex') AS "hash",
    u."id", u."name", o."id" AS "tenantId", o."name" AS "tenantName"
  FROM public."LoginSession" s
  JOIN public."User" u ON u."id" = s."userId"
  JOIN public."Member" m ON m."userId" = u."id"
  JOIN public."Organization" o ON o."id" = m."organizationId"
  WHERE s."tokenHash" = ANY($1) AND s."expiresAt" > now()
  ORDER BY s."tokenHash", m."createdAt"`;

export type UserLookup = ReturnType<typeof createUserLookup>;

/** Who holds a login token, as the database says now: it stands before every request. */
export function createUserLookup(pool: Pool) {
  const find = inBatches<Buffer, User | null>({
    async ask(hashes) {
      const { rows } = await pool.query<User & { hash: string }>({
        name: 'find-users',
        text: FIND_USERS,
        values: [hashes],
      });
      const users = new Map(rows.map(({ hash, ...user }) => [hash, user]));
      return hashes.map((hash) => users.get(hash.toString('hex')) ?? null);
    },
  });
  return async (token: string | undefined): Promise<User | null> =>
    token ? find(createHash('sha256').update(token).digest()) : null;
}
