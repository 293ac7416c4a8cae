import { Id } from '@it0/contracts/ids';
import { z } from 'zod';
import type { UserContext } from '../../core.ts';
import { type Instance, requireInstance, requireOwnedInstance } from './instance.ts';
import { notifyInstances } from './notify.ts';

/** Input of `instance.setSharedFolder`. */
export const SetSharedFolder = z.object({ instanceId: Id, writable: z.boolean() });

/** Sets whether tasks may write to an instance's shared folder, from the next task on. Throws INSTANCE_NOT_FOUND. */
export async function setSharedFolder(
  ctx: UserContext,
  { instanceId, writable }: z.infer<typeof SetSharedFolder>,
): Promise<Instance> {
  await requireOwnedInstance(ctx, instanceId);
  const data = { sharedFolderWritable: writable };
  await ctx.db.tenant(ctx.user.tenantId).agentInstance.updateMany({ where: { id: instanceId }, data });
  notifyInstances(ctx, ctx.user.tenantId);
  return requireInstance(ctx, instanceId);
}
