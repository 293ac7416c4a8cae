import { Id } from '@it0/contracts/ids';
import { Permission, Role } from '@it0/contracts/permissions';
import { z } from 'zod';
import type { Caller, Person, Services } from '../context.ts';
import { hidePlaceholderEmail } from './email.ts';
import { renewLogin } from './login.ts';

const Membership = z
  .object({ id: Id, name: z.string(), role: Role })
  .meta({ id: 'Membership', description: 'A tenant, and what the asker is there.' });

export const Me = z
  .object({
    user: z.object({ id: Id, name: z.string(), email: z.string().nullable() }).meta({ id: 'User' }),
    tenant: Membership.nullable().describe(
      'The tenant that everything asked for belongs to; null for somebody who is a member nowhere.',
    ),
    permissions: z.array(Permission).describe('What may be done there: what is not in here is refused.'),
    tenants: z.array(Membership),
    by: z.enum(['login', 'apiKey']).describe('How the asker came in.'),
  })
  .meta({ id: 'Me' });
export type Me = z.infer<typeof Me>;

type Asking = Services & { person: Person; caller: Caller | null };

export async function me(ctx: Asking): Promise<Me> {
  const { db, person, caller } = ctx;
  const { user, login } = person;
  if (login && caller) await renewLogin({ ...ctx, caller }, login);
  const members = await db.platform.member.findMany({
    where: { userId: person.id, ...(!login && { organizationId: user?.tenantId }) },
    select: { role: true, organization: { select: { id: true, name: true } } },
    orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
  });
  return {
    user: { id: person.id, name: person.name, email: hidePlaceholderEmail(person.email) },
    tenant: user && { id: user.tenantId, name: user.tenantName, role: user.role },
    permissions: user ? [...user.permissions] : [],
    tenants: members.map(({ role, organization }) => ({ ...organization, role: Role.parse(role) })),
    by: login ? 'login' : 'apiKey',
  };
}
