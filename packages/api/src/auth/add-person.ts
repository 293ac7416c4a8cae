import { limits } from '@it0/contracts/limits';
import { Role } from '@it0/contracts/permissions';
import { storableString } from '@it0/contracts/text';
import type { Database } from '@it0/db/database';
import { z } from 'zod';
import { AppError } from '../errors.ts';
import { findHolders } from './account/addresses.ts';
import { createAuth } from './auth.ts';
import { callBetterAuth } from './call-better-auth.ts';
import { Email, PersonName } from './email.ts';
import type { Keys } from './keys.ts';
import { addMember, withMemberLock } from './member/membership.ts';
import { createSignInLink } from './sign-in-link.ts';

export const AddPerson = z.object({
  email: Email,
  name: PersonName.optional(),
  role: Role.default('viewer'),
  /** A tenant's id or name. It can be left out where there is only one, and of somebody who is a member already. */
  tenant: storableString(limits.name).trim().min(1).optional(),
});

export type AddedPerson = {
  name: string;
  isNew: boolean;
  /** The tenant they are a member of now, and as what. */
  tenantName: string;
  role: Role;
  joined: boolean;
  /** Of a link that signs them in. */
  token: string;
};

/**
 * Sees to it that there is an account for an address and that it is a member, for whoever has the database in hand. What
 * is there already is kept as it is, the role too.
 */
export async function addPerson(db: Database, keys: Keys, input: z.infer<typeof AddPerson>): Promise<AddedPerson> {
  const { api } = createAuth({ platform: db.platform, keys });
  const { email, name = email.slice(0, email.indexOf('@')), role } = input;
  const { found, member } = await findPerson(db, email, input.tenant);
  const tenant = member ? member.organization : await requireTenant(db, input.tenant);
  const user = found ?? (await callBetterAuth(api.createUser({ body: { email, name } }))).user;
  if (!member) {
    const membership = { tenantId: tenant.id, userId: user.id, role };
    await withMemberLock({ db }, tenant.id, (client) => addMember(client, membership));
  }
  return {
    ...{ name: user.name, tenantName: tenant.name, isNew: !found, joined: !member },
    role: member ? Role.parse(member.role) : role,
    token: await createSignInLink(db, user.id),
  };
}

/** Finds the account of an address. Prefers a member of the tenant, then the proven account, then the oldest. */
async function findPerson(db: Database, email: string, tenant?: string) {
  const holders = await findHolders(db.pool, email);
  for (const found of holders) {
    const member = await findMember(db, found.id, tenant);
    if (member) return { found, member };
  }
  return { found: holders[0] ?? null, member: null };
}

/** A person's membership in the tenant, or without one named, the first they have. */
const findMember = ({ platform }: Database, userId: string, named?: string) =>
  platform.member.findFirst({
    where: { userId, ...(named && { organization: isNamed(named) }) },
    select: { role: true, organization: { select: { id: true, name: true } } },
    orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
  });

async function requireTenant({ platform }: Database, named?: string) {
  const select = { id: true, name: true };
  const tenants = await platform.organization.findMany({ where: named ? isNamed(named) : {}, select, take: 20 });
  const [tenant] = tenants;
  if (!tenant) throw new AppError('TENANT_NOT_FOUND', 'There is no such organization: npm run tenants lists them.');
  if (tenants.length > 1) {
    const which = tenants.map(({ id, name }) => `${name} (${id})`).join(', ');
    throw new AppError('INVALID_INPUT', `Say in which organization, with --tenant: ${which}`);
  }
  return tenant;
}

const isNamed = (named: string) => {
  const id = z.uuid().safeParse(named).data;
  return { OR: [{ name: named }, ...(id ? [{ id }] : [])] };
};
