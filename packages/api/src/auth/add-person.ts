import { limits } from '@it0/contracts/limits';
import { Role } from '@it0/contracts/permissions';
import { storableString } from '@it0/contracts/text';
import type { Database } from '@it0/db/database';
import { z } from 'zod';
import { AppError } from '../errors.ts';
import type { Keys } from '../keys.ts';
import { findHolders } from './account/addresses.ts';
import { createAuth } from './auth.ts';
import { callBetterAuth } from './call-better-auth.ts';
import { Email, PersonName } from './email.ts';
import { addMember, withMemberLock } from './member/membership.ts';
import { createSignInLink } from './sign-in-link.ts';

export const AddPerson = z.object({
  email: Email,
  name: PersonName.optional(),
  role: Role.default('viewer'),
  /** Id or name of the tenant. Optional when there is only one, or when the person is already a member. */
  tenant: storableString(limits.name).trim().min(1).optional(),
});

/** Result of `addPerson`. */
export type AddedPerson = {
  name: string;
  isNew: boolean;
  tenantName: string;
  role: Role;
  /** Whether this call has created the membership. */
  joined: boolean;
  /** Token of a sign-in link for this person. */
  token: string;
};

/**
 * Ensures that an address has an account and a membership, for administrators with access to the database. Existing
 * accounts and memberships, including their role, are not changed.
 */
export async function addPerson(db: Database, keys: Keys, input: z.infer<typeof AddPerson>): Promise<AddedPerson> {
  const { api } = createAuth({ platform: db.platform, keys });
  const { email, name = email.slice(0, email.indexOf('@')), role } = input;
  const { user: existing, member } = await findPerson(db, email, input.tenant);
  const tenant = member ? member.organization : await requireTenant(db, input.tenant);
  const user = existing ?? (await callBetterAuth(api.createUser({ body: { email, name } }))).user;
  if (!member) {
    const membership = { tenantId: tenant.id, userId: user.id, role };
    await withMemberLock(db, tenant.id, (client) => addMember(client, membership));
  }
  return {
    ...{ name: user.name, tenantName: tenant.name, isNew: !existing, joined: !member },
    role: member ? Role.parse(member.role) : role,
    token: await createSignInLink(db, user.id),
  };
}

/** Finds the account of an address. Prefers a member of the tenant, then the verified account, then the oldest. */
async function findPerson(db: Database, email: string, tenant?: string) {
  const holders = await findHolders(db.pool, email);
  for (const user of holders) {
    const member = await findMember(db, user.id, tenant);
    if (member) return { user, member };
  }
  return { user: holders[0] ?? null, member: null };
}

/** Finds a person's membership in the tenant, or their oldest one when no tenant is given. */
const findMember = ({ platform }: Database, userId: string, tenant?: string) =>
  platform.member.findFirst({
    where: { userId, ...(tenant && { organization: matchesIdOrName(tenant) }) },
    select: { role: true, organization: { select: { id: true, name: true } } },
    orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
  });

async function requireTenant({ platform }: Database, idOrName?: string) {
  const select = { id: true, name: true };
  const tenants = await platform.organization.findMany({
    where: idOrName ? matchesIdOrName(idOrName) : {},
    select,
    take: 20,
  });
  const [tenant] = tenants;
  if (!tenant) throw new AppError('TENANT_NOT_FOUND', 'Organization not found. List them with: npm run tenants');
  if (tenants.length > 1) {
    const list = tenants.map(({ id, name }) => `${name} (${id})`).join(', ');
    throw new AppError('INVALID_INPUT', `Choose an organization with --tenant: ${list}`);
  }
  return tenant;
}

const matchesIdOrName = (idOrName: string) => {
  const id = z.uuid().safeParse(idOrName).data;
  return { OR: [{ name: idOrName }, ...(id ? [{ id }] : [])] };
};
