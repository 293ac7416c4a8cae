import { displayName } from '@it0/contracts/display-name';
import { Id } from '@it0/contracts/ids';
import { z } from 'zod';
import { requireIsolation } from '../../agent/instance/require-isolation.ts';
import type { MemberContext, PersonContext } from '../../context.ts';
import { tenantNotFound } from '../../errors.ts';
import { buildSessionHeaders, callBetterAuth } from '../call-better-auth.ts';
import { addMember, withMemberLock } from '../member/membership.ts';

export const TenantName = z.object({ name: displayName() });

/** A tenant of its own, with its schema; who makes it owns it, and works in it from now on. */
export async function createTenant(ctx: MemberContext, { name }: z.infer<typeof TenantName>): Promise<{ id: string }> {
  await requireIsolation(ctx, 'tenant');
  await ctx.rateLimits.signUp(ctx.caller);
  const id = await ctx.db.createTenant({ name });
  await withMemberLock(ctx, id, (client) => addMember(client, { tenantId: id, userId: ctx.user.id, role: 'owner' }));
  await switchTenant(ctx, id);
  ctx.log.info({ tenantId: id, by: ctx.user.id }, 'a tenant was made');
  return { id };
}

export const TenantRef = z.object({ tenantId: Id });

/** Works in another tenant from now on, on this device. */
export async function switchTenant(ctx: PersonContext, tenantId: string) {
  const where = { organizationId_userId: { organizationId: tenantId, userId: ctx.person.id } };
  if (!(await ctx.db.platform.member.findUnique({ where, select: { id: true } }))) throw tenantNotFound();
  await callBetterAuth(
    ctx.auth.api.setActiveOrganization({ body: { organizationId: tenantId }, headers: buildSessionHeaders(ctx) }),
  );
}

export async function renameTenant(ctx: MemberContext, { name }: z.infer<typeof TenantName>) {
  const body = { organizationId: ctx.user.tenantId, data: { name } };
  await callBetterAuth(ctx.auth.api.updateOrganization({ body, headers: buildSessionHeaders(ctx) }));
}
