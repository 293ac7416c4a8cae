import { createHash } from 'node:crypto';
import { KeyScope, listPermissions, type Permission, Role } from '@it0/contracts/permissions';
import type { Pool } from 'pg';
import { createBatcher } from '../batcher.ts';
import type { Person } from '../context.ts';
import type { Keys } from './keys.ts';
import { readLoginToken } from './login-token.ts';

/** What somebody shows to be let in: a login token as its cookie or header carries it, or an API key. */
export type Credential = { login: string } | { apiKey: string };

/** A login session's person, in the tenant chosen last, or else the one joined first. */
const BY_LOGIN = `
  SELECT s."token" AS "credential", s."id" AS "loginId", u."id", u."name", COALESCE(u."claimedEmail", u."email") AS "email",
    o."id" AS "tenantId", o."name" AS "tenantName", o."accessRevision", m."role", NULL AS "scopes"
  FROM public."LoginSession" s
  JOIN public."User" u ON u."id" = s."userId"
  LEFT JOIN LATERAL (
    SELECT "organizationId", "role" FROM public."Member" WHERE "userId" = u."id"
    ORDER BY "organizationId" = s."activeOrganizationId" DESC NULLS LAST, "createdAt", "id" LIMIT 1) m ON true
  LEFT JOIN public."Organization" o ON o."id" = m."organizationId"
  WHERE s."token" = ANY($1) AND s."expiresAt" > now() AND u."banned" IS NOT TRUE`;

/** A key opens its own tenant, as long as its person is a member there. */
const BY_KEY = `
  SELECT k."key" AS "credential", NULL AS "loginId", u."id", u."name", COALESCE(u."claimedEmail", u."email") AS "email",
    o."id" AS "tenantId", o."name" AS "tenantName", o."accessRevision", m."role", k."permissions" AS "scopes"
  FROM public."ApiKey" k
  JOIN public."User" u ON u."id" = k."referenceId"
  JOIN public."Member" m ON m."userId" = u."id" AND m."organizationId" = k."tenantId"
  JOIN public."Organization" o ON o."id" = k."tenantId"
  WHERE k."key" = ANY($1) AND k."enabled" AND (k."expiresAt" IS NULL OR k."expiresAt" > now()) AND u."banned" IS NOT TRUE`;

/** When a key was last used is known to the minute. */
const TOUCH_KEYS = `
  UPDATE public."ApiKey" SET "lastRequest" = now()
  WHERE "key" = ANY($1) AND ("lastRequest" IS NULL OR "lastRequest" < now() - interval '1 minute')`;

type Row = {
  credential: string;
  loginId: string | null;
  id: string;
  name: string;
  email: string;
  tenantId: string | null;
  tenantName: string;
  accessRevision: number;
  role: string;
  scopes: string | null;
};

export type UserLookup = ReturnType<typeof createUserLookup>;

/** So many people are remembered, so that whoever asks often is one object and not many. */
const most = 20_000;

/** Who shows a credential, as the database says now: it stands before every request. */
export function createUserLookup(pool: Pool, keys: Keys) {
  const people = new Map<string, Person>();
  /** The same person as before, as long as nothing has changed. */
  function remembered(row: Row): Person {
    const access = JSON.stringify(row);
    const before = people.get(row.credential);
    if (before?.access === access) return before;
    const person = personOf(row, access);
    people.delete(row.credential);
    people.set(row.credential, person);
    if (people.size > most) people.delete(people.keys().next().value!);
    return person;
  }
  const finder = (name: string, text: string, onFound?: (credentials: string[]) => Promise<unknown>) =>
    createBatcher<string, Person | null>({
      async ask(credentials) {
        const { rows } = await pool.query<Row>({ name, text, values: [credentials] });
        const found = new Map(rows.map((row) => [row.credential, remembered(row)]));
        if (rows.length > 0) await onFound?.([...found.keys()]);
        return credentials.map((credential) => found.get(credential) ?? null);
      },
    });
  const byLogin = finder('find-by-login', BY_LOGIN);
  const byKey = finder('find-by-key', BY_KEY, (used) =>
    pool.query({ name: 'touch-keys', text: TOUCH_KEYS, values: [used] }),
  );
  return {
    async find(credential: Credential | null): Promise<Person | null> {
      if (!credential) return null;
      if ('apiKey' in credential) return byKey(createHash('sha256').update(credential.apiKey).digest('base64url'));
      const token = readLoginToken(keys, credential.login);
      return token ? byLogin(token) : null;
    },
    /** The same person, as they are now; null when they may not come in any more. */
    refreshUser: ({ login, credential }: Person) => (login ? byLogin(credential) : byKey(credential)),
  };
}

function personOf({ credential, loginId, id, name, email, scopes, ...member }: Row, access: string): Person {
  const person = { id, name, email, login: loginId ? { id: loginId, token: credential } : null, credential, access };
  const role = Role.safeParse(member.role).data;
  if (!member.tenantId || !role) return { ...person, user: null };
  const { tenantId, tenantName } = member;
  const permissions = loginId ? permitted(role) : new Set(listPermissions[role].filter(allowedBy(scopes)));
  return { ...person, user: { id, name, tenantId, tenantName, role, permissions } };
}

const all = {
  owner: new Set(listPermissions.owner),
  admin: new Set(listPermissions.admin),
  operator: new Set(listPermissions.operator),
  viewer: new Set(listPermissions.viewer),
} satisfies Record<Role, ReadonlySet<Permission>>;
/** All that a role allows. */
export const permitted = (role: Role): ReadonlySet<Permission> => all[role];

/** A key that was given no scopes may do what its person may, as far as keys can. */
function allowedBy(scopes: string | null) {
  const given: { scope?: string[] } | null = scopes && JSON.parse(scopes);
  return (permission: Permission) =>
    KeyScope.safeParse(permission).success && (!given?.scope || given.scope.includes(permission));
}
