import type { StatusReason } from '@it0/contracts/instance';
import type { AgentInstance } from '@it0/db/generated/tenant/client';
import type { AgentContext } from '../agent-services.ts';
import { type Instance, requireInstance, requireOwnedInstance } from './instance.ts';
import { requireMemory } from './memory.ts';
import { notifyInstances } from './notify.ts';

/**
 * Starts an instance that is stopped or in error. Has no effect on a running one. Throws INSTANCE_NOT_FOUND or
 * NOT_ENOUGH_MEMORY.
 */
export async function startInstance(ctx: AgentContext, instanceId: string): Promise<Instance> {
  const instance = await requireOwnedInstance(ctx, instanceId);
  const { desiredState, status, driver } = instance;
  const isUp = desiredState === 'RUNNING' && status !== 'ERROR';
  if (!isUp) {
    if (driver === 'local') await requireMemory(ctx);
    await restart(ctx, instance);
  }
  return requireInstance(ctx, instanceId);
}

/** Restarts an instance. Its tasks continue afterwards. Throws INSTANCE_NOT_FOUND or NOT_ENOUGH_MEMORY. */
export async function restartInstance(ctx: AgentContext, instanceId: string): Promise<Instance> {
  const instance = await requireOwnedInstance(ctx, instanceId);
  const { desiredState, driver } = instance;
  if (driver === 'local' && desiredState !== 'RUNNING') await requireMemory(ctx);
  await restart(ctx, instance);
  return requireInstance(ctx, instanceId);
}

/**
 * Stops an instance, which accepts no more messages from now on. Running tasks have some time to end, and otherwise
 * continue after the next start. Throws INSTANCE_NOT_FOUND.
 */
export async function stopInstance(ctx: AgentContext, instanceId: string): Promise<Instance> {
  await requireOwnedInstance(ctx, instanceId);
  await ctx.db.tenant(ctx.user.tenantId).agentInstance.updateMany({
    where: { id: instanceId, desiredState: 'RUNNING' },
    data: { desiredState: 'STOPPED', status: 'STOPPED', statusReason: null, statusDetail: null },
  });
  await notifyDesiredState(ctx);
  return requireInstance(ctx, instanceId);
}

/**
 * Removes an instance with all its sessions, at once for all users. The row of a local one stays until its driver has
 * ended its processes and deleted its folder. Throws INSTANCE_NOT_FOUND.
 */
export async function removeInstance(ctx: AgentContext, instanceId: string): Promise<void> {
  const { driver } = await requireOwnedInstance(ctx, instanceId);
  const tenant = ctx.db.tenant(ctx.user.tenantId);
  const removed = { desiredState: 'REMOVED', status: 'STOPPED', modelKey: null } as const;
  await tenant.$transaction([
    tenant.agentInstance.updateMany({ where: { id: instanceId }, data: removed }),
    tenant.agentSession.deleteMany({ where: { agentInstanceId: instanceId } }),
  ]);
  if (driver !== 'local') {
    // The bridge learns of it at its next check-in, and stops.
    await ctx.db.platform.remoteBridge.deleteMany({ where: { tenantId: ctx.user.tenantId, instanceId } });
    await tenant.agentInstance.deleteMany({ where: { id: instanceId } });
  }
  // Ends the streams of these sessions, since the new revision makes the server check the access of streams again.
  await ctx.db.platform.organization.update({
    where: { id: ctx.user.tenantId },
    data: { accessRevision: { increment: 1 } },
    select: { id: true },
  });
  await notifyDesiredState(ctx);
}

type OwnedInstance = Pick<AgentInstance, 'id' | 'driver' | 'bridgeHost'>;

/**
 * Returns the fields of an instance that should run and does not yet. A remote one may wait for its bridge to enroll.
 */
export const deployingFields = ({ driver, bridgeHost }: Pick<OwnedInstance, 'driver' | 'bridgeHost'>) => {
  const statusReason: StatusReason | null = driver === 'remote' && bridgeHost === null ? 'BRIDGE_NOT_ENROLLED' : null;
  return { status: 'DEPLOYING', statusReason, statusDetail: null } as const;
};

async function restart(ctx: AgentContext, instance: OwnedInstance) {
  const { id } = instance;
  // If the bridge of a remote instance stays silent, that is recorded again.
  const bridge = { tenantId: ctx.user.tenantId, instanceId: id };
  await ctx.db.platform.remoteBridge.updateMany({ where: bridge, data: { silent: false } });
  await ctx.db.tenant(ctx.user.tenantId).agentInstance.updateMany({
    where: { id },
    data: { desiredState: 'RUNNING', ...deployingFields(instance), revision: { increment: 1 } },
  });
  await notifyDesiredState(ctx);
}

/** Notifies the server that runs instances, and open pages, of a changed desired state. */
export async function notifyDesiredState(ctx: AgentContext) {
  const { db, user, local } = ctx;
  const data = { desiredRevision: { increment: 1 } };
  await db.platform.organization.update({ where: { id: user.tenantId }, data, select: { id: true } });
  local.reconcileNow();
  notifyInstances(ctx, user.tenantId);
}
