import { displayName } from '@it0/contracts/display-name';
import { Id } from '@it0/contracts/ids';
import { z } from 'zod';
import { tenantNotFound } from '../../errors.ts';
import type { MemberContext, PersonContext } from '../auth-services.ts';
import { buildSessionHeaders, callBetterAuth } from '../call-better-auth.ts';
import { addMember, withMemberLock } from '../member/membership.ts';
import { requireIsolation } from './require-isolation.ts';

export const TenantName = z.object({ name: displayName() });

/** Creates a tenant with its schema. The caller becomes its owner and switches to it. Throws NOT_ISOLATED. */
export async function createTenant(ctx: MemberContext, { name }: z.infer<typeof TenantName>): Promise<{ id: string }> {
  await requireIsolation(ctx, 'tenant');
  await ctx.rateLimits.signUp(ctx.caller);
  const id = await ctx.db.createTenant({ name });
  await withMemberLock(ctx.db, id, (client) => addMember(client, { tenantId: id, userId: ctx.user.id, role: 'owner' }));
  await switchTenant(ctx, id);
  ctx.log.info({ tenantId: id, by: ctx.user.id }, 'tenant created');
  return { id };
}

export const TenantRef = z.object({ tenantId: Id });

/** Switches the login session to another tenant. Throws TENANT_NOT_FOUND. */
export async function switchTenant(ctx: PersonContext, tenantId: string) {
  const where = { organizationId_userId: { organizationId: tenantId, userId: ctx.person.id } };
  if (!(await ctx.db.platform.member.findUnique({ where, select: { id: true } }))) throw tenantNotFound();
  await callBetterAuth(
    ctx.auth.api.setActiveOrganization({ body: { organizationId: tenantId }, headers: buildSessionHeaders(ctx) }),
  );
}

/** Renames the active tenant. */
export async function renameTenant(ctx: MemberContext, { name }: z.infer<typeof TenantName>) {
  const body = { organizationId: ctx.user.tenantId, data: { name } };
  await callBetterAuth(ctx.auth.api.updateOrganization({ body, headers: buildSessionHeaders(ctx) }));
}
