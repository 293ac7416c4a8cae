import { createHash } from 'node:crypto';
import type { Pool } from 'pg';
import type { User } from '../context.ts';

const FIND_USERS = `
  SELECT DISTINCT ON (s."tokenHash") encode(s."tokenHash", 'hex') AS "hash",
    u."id", u."name", o."id" AS "tenantId", o."name" AS "tenantName"
  FROM public."LoginSession" s
  JOIN public."User" u ON u."id" = s."userId"
  JOIN public."Member" m ON m."userId" = u."id"
  JOIN public."Organization" o ON o."id" = m."organizationId"
  WHERE s."tokenHash" = ANY($1) AND s."expiresAt" > now()
  ORDER BY s."tokenHash", m."createdAt"`;

type Asked = PromiseWithResolvers<User | null> & { hash: Buffer };

/** A batch larger than this is more than one statement. */
const MOST = 500;

export type UserLookup = ReturnType<typeof createUserLookup>;

/**
 * Who holds a login token, as the database says now: it stands before every request. Who asks while a lookup is under
 * way is looked up with all others who do, in one statement, so that a busy server asks as often as it can and no more.
 */
export function createUserLookup(pool: Pool) {
  let waiting: Asked[] = [];
  let isBusy = false;

  async function lookUp(asked: Asked[]) {
    try {
      const values = [asked.map(({ hash }) => hash)];
      const { rows } = await pool.query<User & { hash: string }>({ name: 'find-users', text: FIND_USERS, values });
      const users = new Map(rows.map(({ hash, ...user }) => [hash, user]));
      for (const { hash, resolve } of asked) resolve(users.get(hash.toString('hex')) ?? null);
    } catch (error) {
      for (const { reject } of asked) reject(error);
    }
  }

  async function lookUpAll() {
    isBusy = true;
    while (waiting.length > 0) {
      const asked = waiting.slice(0, MOST);
      waiting = waiting.slice(MOST);
      await lookUp(asked);
    }
    isBusy = false;
  }

  return (token: string | undefined): Promise<User | null> => {
    if (!token) return Promise.resolve(null);
    const asked = { ...Promise.withResolvers<User | null>(), hash: createHash('sha256').update(token).digest() };
    waiting.push(asked);
    if (!isBusy) void lookUpAll();
    return asked.promise;
  };
}
