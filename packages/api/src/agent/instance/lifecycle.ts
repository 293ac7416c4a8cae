import type { StatusReason } from '@it0/contracts/instance-status';
import type { AgentInstance } from '@it0/db/generated/tenant/client';
import type { UserContext } from '../../context.ts';
import { type Instance, requireInstance, requireOwnedInstance } from './instance.ts';
import { requireMemory } from './memory.ts';
import { notifyInstances } from './notify.ts';

/** Starts one that is stopped or in trouble; of any other it changes nothing. */
export async function startInstance(ctx: UserContext, instanceId: string): Promise<Instance> {
  const instance = await requireOwnedInstance(ctx, instanceId);
  const { desiredState, status, driver } = instance;
  const isUp = desiredState === 'RUNNING' && status !== 'ERROR';
  if (!isUp) {
    if (driver === 'local') await requireMemory(ctx);
    await restart(ctx, instance);
  }
  return requireInstance(ctx, instanceId);
}

/** Starts it anew, whatever it is at: its tasks go on afterwards. */
export async function restartInstance(ctx: UserContext, instanceId: string): Promise<Instance> {
  const instance = await requireOwnedInstance(ctx, instanceId);
  const { desiredState, driver } = instance;
  if (driver === 'local' && desiredState !== 'RUNNING') await requireMemory(ctx);
  await restart(ctx, instance);
  return requireInstance(ctx, instanceId);
}

/** Takes no more messages from now on; what it is at may end first, and goes on after the next start if it cannot. */
export async function stopInstance(ctx: UserContext, instanceId: string): Promise<Instance> {
  await requireOwnedInstance(ctx, instanceId);
  await ctx.db.tenant(ctx.user.tenantId).agentInstance.updateMany({
    where: { id: instanceId, desiredState: 'RUNNING' },
    data: { desiredState: 'STOPPED', status: 'STOPPED', statusReason: null, statusDetail: null },
  });
  await notifyDesiredState(ctx);
  return requireInstance(ctx, instanceId);
}

/**
 * Removes it with all its conversations, at once for everybody. Its row stays until its driver has ended its processes
 * and deleted its folder.
 */
export async function removeInstance(ctx: UserContext, instanceId: string): Promise<void> {
  const { driver } = await requireOwnedInstance(ctx, instanceId);
  const tenant = ctx.db.tenant(ctx.user.tenantId);
  const removed = { desiredState: 'REMOVED', status: 'STOPPED', modelKey: null } as const;
  await tenant.$transaction([
    tenant.agentInstance.updateMany({ where: { id: instanceId }, data: removed }),
    tenant.agentSession.deleteMany({ where: { agentInstanceId: instanceId } }),
  ]);
  if (driver !== 'local') {
    // Its bridge is told when it calls, and stops.
    await ctx.db.platform.remoteBridge.deleteMany({ where: { tenantId: ctx.user.tenantId, instanceId } });
    await tenant.agentInstance.deleteMany({ where: { id: instanceId } });
  }
  // Whoever reads one of the conversations is let in anew, or not.
  await ctx.db.platform.organization.update({
    where: { id: ctx.user.tenantId },
    data: { accessRevision: { increment: 1 } },
    select: { id: true },
  });
  await notifyDesiredState(ctx);
}

type OwnedInstance = Pick<AgentInstance, 'id' | 'driver' | 'bridgeHost'>;

/** One that is to run, and does not yet: on another host, because nobody has started its bridge there. */
export const deployingFields = ({ driver, bridgeHost }: Pick<OwnedInstance, 'driver' | 'bridgeHost'>) => {
  const statusReason: StatusReason | null = driver === 'remote' && bridgeHost === null ? 'BRIDGE_NOT_ENROLLED' : null;
  return { status: 'DEPLOYING', statusReason, statusDetail: null } as const;
};

async function restart(ctx: UserContext, instance: OwnedInstance) {
  const { id } = instance;
  // Of a remote one that is silent still, it is said anew.
  const bridge = { tenantId: ctx.user.tenantId, instanceId: id };
  await ctx.db.platform.remoteBridge.updateMany({ where: bridge, data: { silent: false } });
  await ctx.db.tenant(ctx.user.tenantId).agentInstance.updateMany({
    where: { id },
    data: { desiredState: 'RUNNING', ...deployingFields(instance), revision: { increment: 1 } },
  });
  await notifyDesiredState(ctx);
}

/** Lets the server that runs instances know that something is wanted of one, and the open pages. */
export async function notifyDesiredState(ctx: UserContext) {
  const { db, user, local } = ctx;
  const data = { desiredRevision: { increment: 1 } };
  await db.platform.organization.update({ where: { id: user.tenantId }, data, select: { id: true } });
  local.reconcileNow();
  notifyInstances(ctx, user.tenantId);
}
