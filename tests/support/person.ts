import { randomUUID } from 'node:crypto';
import { createAuth, loginCookie } from '@it0/api/auth/auth';
import { signLoginToken } from '@it0/api/auth/login-token';
import type { Keys } from '@it0/api/keys';
import type { Role } from '@it0/contracts/permissions';
import type { Database } from '@it0/db/database';

export type Person = Awaited<ReturnType<typeof newPerson>>;
type NewPerson = { tenantId: string; name?: string; role?: Role; email?: string; password?: string };

const auths = new WeakMap<Keys, ReturnType<typeof createAuth>>();

/** Returns the accounts of a server with these keys. Opening them takes longer than creating a person. */
function openAuth(db: Database, keys: Keys) {
  const existing = auths.get(keys);
  if (existing) return existing;
  const auth = createAuth({ platform: db.platform, keys });
  auths.set(keys, auth);
  return auth;
}

/** Creates a signed-in member of a tenant, with the `cookie` of a browser and the `bearer` token of a program. */
export async function newPerson(
  db: Database,
  keys: Keys,
  { tenantId, name = 'Ada', role = 'owner', ...account }: NewPerson,
) {
  const { email = `${randomUUID()}@example.com`, password } = account;
  const { api } = openAuth(db, keys);
  const { user } = await api.createUser({ body: { email, name, password } });
  await api.addMember({ body: { organizationId: tenantId, userId: user.id, role } });
  return { id: user.id, name, email, tenantId, role, ...(await newLogin(db, keys, user.id)) };
}

/** Signs a person in on another device. */
export async function newLogin(db: Database, keys: Keys, userId: string) {
  const { internalAdapter } = await openAuth(db, keys).$context;
  const bearer = signLoginToken(keys, (await internalAdapter.createSession(userId)).token);
  return { bearer, cookie: `${loginCookie(keys.current, false)}=${encodeURIComponent(bearer)}` };
}
