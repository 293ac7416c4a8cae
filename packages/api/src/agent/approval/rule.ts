import { createHash } from 'node:crypto';
import { ApprovalRule } from '@it0/contracts/approval-rule';
import { Id } from '@it0/contracts/ids';
import { limits } from '@it0/contracts/limits';
import type { Queryable } from '@it0/db/queryable';
import { quoteTenantSchema } from '@it0/db/sql';
import { z } from 'zod';
import type { UserContext } from '../../core.ts';
import { AppError } from '../../errors.ts';
import { instanceNotFound, requireOwnedInstance } from '../instance/instance.ts';
import { requireUnsandboxed } from './unsandboxed.ts';

/** The approval rules of an instance, with their revision. */
export const ApprovalRules = z
  .object({
    rules: z.array(ApprovalRule).describe('In the order in which they are matched.'),
    revision: z.string().describe('Revision of this list, which is required to replace it.'),
  })
  .meta({ id: 'ApprovalRules' });
export type ApprovalRules = z.infer<typeof ApprovalRules>;

/** Returns the rules of an instance that the user owns. */
export async function listRules(ctx: UserContext, instanceId: string): Promise<ApprovalRules> {
  await requireOwnedInstance(ctx, instanceId);
  return toRules(await readRules(ctx.db.pool, ctx.user.tenantId, instanceId));
}

/** Input of `approval.setRules`. */
export const SetRules = z.object({
  instanceId: Id,
  rules: z.array(ApprovalRule).max(limits.approvalRules),
  revision: z.string().max(limits.name).describe('Revision of the list that this one replaces.'),
});

/**
 * Replaces the whole list. Pending approvals are not affected. Throws RULES_CHANGED when the list is no longer at the
 * caller's revision, so that no other change is lost.
 */
export async function setRules(ctx: UserContext, { instanceId, rules, revision }: z.infer<typeof SetRules>) {
  const { db, log, user } = ctx;
  const { driver } = await requireOwnedInstance(ctx, instanceId);
  if (rules.some(({ kind, action }) => kind === 'exec-unsandboxed' && action === 'allow'))
    requireUnsandboxed(ctx, driver);
  await db.tenant(user.tenantId).$transaction(async (tenant) => {
    // Locks the instance's row, so that concurrent changes wait here.
    const { count } = await tenant.agentInstance.updateMany({
      where: { id: instanceId, ownerId: user.id },
      data: { updatedAt: new Date() },
    });
    if (count === 0) throw instanceNotFound();
    const stored = await tenant.approvalRule.findMany({ where: { instanceId }, orderBy: { position: 'asc' } });
    if (toRevision(stored) !== revision) throw rulesChanged();
    await tenant.approvalRule.deleteMany({ where: { instanceId } });
    await tenant.approvalRule.createMany({
      data: rules.map((rule, position) => ({ ...rule, instanceId, position, createdById: user.id })),
    });
  });
  const { tenantId, id: userId } = user;
  log.info({ tenantId, instanceId, userId, rules: rules.length }, 'the approval rules of an instance were replaced');
  return toRules(rules);
}

const rulesChanged = () =>
  new AppError('RULES_CHANGED', 'The rules have changed. Read them again and retry with the new revision.');

const toRules = (rules: ApprovalRule[]): ApprovalRules => ({ rules, revision: toRevision(rules) });

/** Returns the revision: a digest of the list. */
function toRevision(rules: Record<keyof ApprovalRule, string>[]): string {
  const text = JSON.stringify(rules.map(({ kind, pattern, action }) => [kind, pattern, action]));
  return createHash('sha256').update(text).digest('base64url');
}

/** Reads the list as it was set. `readEffectiveRules` returns what applies of it. */
async function readRules(db: Queryable, tenantId: string, instanceId: string): Promise<ApprovalRule[]> {
  const { rows } = await db.query<ApprovalRule>(
    `SELECT "kind", "pattern", "action" FROM ${quoteTenantSchema(tenantId)}."ApprovalRule"
     WHERE "instanceId" = $1 ORDER BY "position"`,
    [instanceId],
  );
  return rows;
}
