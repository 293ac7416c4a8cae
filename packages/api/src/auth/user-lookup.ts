import { createHash } from 'node:crypto';
import { KeyScope, type Permission, ROLE_PERMISSIONS, Role } from '@it0/contracts/permissions';
import type { Pool } from 'pg';
import { createBatcher } from '../batcher.ts';
import type { Person } from '../caller.ts';
import type { Keys } from '../keys.ts';
import { readLoginToken } from './login-token.ts';

/** Credential of a request: the signed login token from its cookie or header, or an API key. */
export type Credential = { login: string } | { apiKey: string };

/** Finds the person of a login session, in the tenant chosen last, or else in the one joined first. */
const BY_LOGIN = `
  SELECT s."token" AS "credential", s."id" AS "loginId",
    u."id", u."name", COALESCE(u."claimedEmail", u."email") AS "email",
    o."id" AS "tenantId", o."name" AS "tenantName", o."accessRevision", m."role",
    NULL AS "scopes"
  FROM public."LoginSession" s
  JOIN public."User" u ON u."id" = s."userId"
  LEFT JOIN LATERAL (
    SELECT "organizationId", "role"
    FROM public."Member"
    WHERE "userId" = u."id"
    ORDER BY "organizationId" = s."activeOrganizationId" DESC NULLS LAST, "createdAt", "id"
    LIMIT 1
  ) m ON true
  LEFT JOIN public."Organization" o ON o."id" = m."organizationId"
  WHERE s."token" = ANY($1)
    AND s."expiresAt" > now()
    AND u."banned" IS NOT TRUE`;

/** Finds the person of an API key, in the tenant of the key, while they are a member there. */
const BY_KEY = `
  SELECT k."key" AS "credential", NULL AS "loginId",
    u."id", u."name", COALESCE(u."claimedEmail", u."email") AS "email",
    o."id" AS "tenantId", o."name" AS "tenantName", o."accessRevision", m."role",
    k."permissions" AS "scopes"
  FROM public."ApiKey" k
  JOIN public."User" u ON u."id" = k."referenceId"
  JOIN public."Member" m ON m."userId" = u."id" AND m."organizationId" = k."tenantId"
  JOIN public."Organization" o ON o."id" = k."tenantId"
  WHERE k."key" = ANY($1)
    AND k."enabled"
    AND (k."expiresAt" IS NULL OR k."expiresAt" > now())
    AND u."banned" IS NOT TRUE`;

/** Records the last use of keys, with a resolution of one minute to save writes. */
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

/** Maximum number of cached people. Frequent callers share one object in memory. */
const MAX_PEOPLE = 20_000;

/** Resolves credentials to people. Runs before every request and always reads the database. */
export function createUserLookup(pool: Pool, keys: Keys) {
  const people = new Map<string, Person>();
  /** Returns the cached person, unless the row has changed. */
  function cachePerson(row: Row): Person {
    const access = JSON.stringify(row);
    const cached = people.get(row.credential);
    if (cached?.access === access) return cached;
    const person = toPerson(row, access);
    people.delete(row.credential);
    people.set(row.credential, person);
    if (people.size > MAX_PEOPLE) people.delete(people.keys().next().value!);
    return person;
  }
  const createFinder = (name: string, text: string, onFound?: (credentials: string[]) => Promise<unknown>) =>
    createBatcher<string, Person | null>({
      async runBatch(credentials) {
        const { rows } = await pool.query<Row>({ name, text, values: [credentials] });
        const byCredential = new Map(rows.map((row) => [row.credential, cachePerson(row)]));
        if (rows.length > 0) await onFound?.([...byCredential.keys()]);
        return credentials.map((credential) => byCredential.get(credential) ?? null);
      },
    });
  const findByLogin = createFinder('find-by-login', BY_LOGIN);
  const findByKey = createFinder('find-by-key', BY_KEY, (hashes) =>
    pool.query({ name: 'touch-keys', text: TOUCH_KEYS, values: [hashes] }),
  );
  return {
    async find(credential: Credential | null): Promise<Person | null> {
      if (!credential) return null;
      if ('apiKey' in credential) return findByKey(createHash('sha256').update(credential.apiKey).digest('base64url'));
      const token = readLoginToken(keys, credential.login);
      return token ? findByLogin(token) : null;
    },
    /** Returns the person with their current access; null when the credential is no longer valid. */
    refreshUser: ({ login, credential }: Person) => (login ? findByLogin(credential) : findByKey(credential)),
  };
}

function toPerson({ credential, loginId, id, name, email, scopes, ...member }: Row, access: string): Person {
  const person = { id, name, email, login: loginId ? { id: loginId, token: credential } : null, credential, access };
  const role = Role.safeParse(member.role).data;
  if (!member.tenantId || !role) return { ...person, user: null };
  const { tenantId, tenantName } = member;
  const permissions = loginId ? getPermissions(role) : new Set(ROLE_PERMISSIONS[role].filter(isInScopes(scopes)));
  return { ...person, user: { id, name, tenantId, tenantName, role, permissions } };
}

const permissionsByRole = {
  owner: new Set(ROLE_PERMISSIONS.owner),
  admin: new Set(ROLE_PERMISSIONS.admin),
  operator: new Set(ROLE_PERMISSIONS.operator),
  viewer: new Set(ROLE_PERMISSIONS.viewer),
} satisfies Record<Role, ReadonlySet<Permission>>;
/** Returns all permissions of a role. */
export const getPermissions = (role: Role): ReadonlySet<Permission> => permissionsByRole[role];

/** Returns a filter for the permissions of a key. A key without scopes has all that keys can have. */
function isInScopes(scopes: string | null) {
  const stored: { scope?: string[] } | null = scopes && JSON.parse(scopes);
  return (permission: Permission) =>
    KeyScope.safeParse(permission).success && (!stored?.scope || stored.scope.includes(permission));
}
