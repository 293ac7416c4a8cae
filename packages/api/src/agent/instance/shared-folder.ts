import { Id } from '@it0/contracts/ids';
import { z } from 'zod';
import type { UserContext } from '../../context.ts';
import { type Instance, requireInstance, requireOwn } from './instance.ts';
import { announceInstances } from './notify.ts';

export const SetSharedFolder = z.object({ instanceId: Id, writable: z.boolean() });

/** Sets whether tasks may write to an instance's shared folder, from the next task on. Throws INSTANCE_NOT_FOUND. */
export async function setSharedFolder(
  ctx: UserContext,
  { instanceId, writable }: z.infer<typeof SetSharedFolder>,
): Promise<Instance> {
  await requireOwn(ctx, instanceId);
  const data = { sharedFolderWritable: writable };
  await ctx.db.tenant(ctx.user.tenantId).agentInstance.updateMany({ where: { id: instanceId }, data });
  announceInstances(ctx, ctx.user.tenantId);
  return requireInstance(ctx, instanceId);
}
