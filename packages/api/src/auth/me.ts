import { type Permission, Role } from '@it0/contracts/permissions';
import type { Person, Services } from '../context.ts';
import { shownEmail } from './email.ts';

export type Me = {
  user: { id: string; name: string; email: string | null };
  /** The tenant that everything asked for belongs to; null for somebody who is a member nowhere. */
  tenant: { id: string; name: string; role: Role } | null;
  /** What may be done there: what is not in here is refused. */
  permissions: Permission[];
  tenants: { id: string; name: string; role: Role }[];
  /** How the asker came in. */
  by: 'login' | 'apiKey';
};

export async function me({ db, person }: Pick<Services, 'db'> & { person: Person }): Promise<Me> {
  const { user } = person;
  const members = await db.platform.member.findMany({
    where: { userId: person.id, ...(!person.login && { organizationId: user?.tenantId }) },
    select: { role: true, organization: { select: { id: true, name: true } } },
    orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
  });
  return {
    user: { id: person.id, name: person.name, email: shownEmail(person.email) },
    tenant: user && { id: user.tenantId, name: user.tenantName, role: user.role },
    permissions: user ? [...user.permissions] : [],
    tenants: members.map(({ role, organization }) => ({ ...organization, role: Role.parse(role) })),
    by: person.login ? 'login' : 'apiKey',
  };
}
