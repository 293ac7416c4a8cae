import { Id } from '@it0/contracts/ids';
import { Permission, Role } from '@it0/contracts/permissions';
import { z } from 'zod';
import type { Caller, Person } from '../caller.ts';
import type { AuthServices } from './auth-services.ts';
import { hidePlaceholderEmail } from './email.ts';
import { renewLogin } from './login.ts';

const Membership = z
  .object({ id: Id, name: z.string(), role: Role })
  .meta({ id: 'Membership', description: 'A tenant and the role of the user in it.' });

export const Me = z
  .object({
    user: z.object({ id: Id, name: z.string(), email: z.string().nullable() }).meta({ id: 'User' }),
    tenant: Membership.nullable().describe(
      'The active tenant, to which all requests apply. Null for a user without a tenant.',
    ),
    permissions: z.array(Permission).describe('All permissions in the active tenant.'),
    tenants: z.array(Membership),
    by: z.enum(['login', 'apiKey']).describe('How the request was authenticated.'),
  })
  .meta({ id: 'Me' });
export type Me = z.infer<typeof Me>;

type AuthedContext = AuthServices & { person: Person; caller: Caller | null };

/** Returns the current user with their tenants and permissions. Extends the login session. */
export async function getMe(ctx: AuthedContext): Promise<Me> {
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
