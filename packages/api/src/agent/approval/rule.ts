import { ApprovalRule } from '@it0/contracts/approval-rule';
import { Id } from '@it0/contracts/ids';
import { limits } from '@it0/contracts/limits';
import { z } from 'zod';
import type { UserContext } from '../../context.ts';
import { requireOwn } from '../instance/instance.ts';
import { type Queryable, tenantTables } from '../task/event-log.ts';

/** The rules of an instance of one's own, the first to be looked at first. */
export async function listRules(ctx: UserContext, instanceId: string): Promise<ApprovalRule[]> {
  await requireOwn(ctx, instanceId);
  return readRules(ctx.db.pool, ctx.user.tenantId, instanceId);
}

export const SetRules = z.object({ instanceId: Id, rules: z.array(ApprovalRule).max(limits.approvalRules) });

/** The whole list, in place of the one there was. What waits already waits on. */
export async function setRules(ctx: UserContext, { instanceId, rules }: z.infer<typeof SetRules>) {
  const { db, log, user } = ctx;
  await requireOwn(ctx, instanceId);
  const tenant = db.tenant(user.tenantId);
  await tenant.$transaction([
    // Whoever sets them at the same time waits here.
    tenant.agentInstance.update({ where: { id: instanceId, ownerId: user.id }, data: { updatedAt: new Date() } }),
    tenant.approvalRule.deleteMany({ where: { instanceId } }),
    tenant.approvalRule.createMany({
      data: rules.map((rule, position) => ({ ...rule, instanceId, position, createdById: user.id })),
    }),
  ]);
  const { tenantId, id: userId } = user;
  log.info({ tenantId, instanceId, userId, rules: rules.length }, 'the approval rules of an instance were set');
}

/** What stands there was checked when it was set. */
export async function readRules(db: Queryable, tenantId: string, instanceId: string): Promise<ApprovalRule[]> {
  const { rows } = await db.query<ApprovalRule>(
    `SELECT "kind", "pattern", "action" FROM ${tenantTables(tenantId)}."ApprovalRule"
     WHERE "instanceId" = $1 ORDER BY "position"`,
    [instanceId],
  );
  return rows;
}
