import { displayName } from '@it0/contracts/display-name';
import { Id } from '@it0/contracts/ids';
import { Driver } from '@it0/contracts/instance';
import { createToken } from '@it0/node/token';
import { v7 as newId } from 'uuid';
import { z } from 'zod';
import { requireIsolation } from '../../auth/tenant/require-isolation.ts';
import type { UserContext } from '../../core.ts';
import type { AgentContext } from '../agent-services.ts';
import { type Instance, instanceNotFound, requireInstance, requireOwnedInstance } from './instance.ts';
import { deployingFields, notifyDesiredState } from './lifecycle.ts';
import { requireMemory } from './memory.ts';
import { ModelInput, requireReachable, resolveKey, toModelColumns } from './model-settings.ts';
import { notifyInstances } from './notify.ts';

/** Input of `instance.create`. */
export const CreateInstance = z
  .object({
    requestId: Id.describe(
      'Idempotency key, chosen by the client: a repeated request returns the first one’s instance.',
    ),
    name: displayName(),
    model: ModelInput.optional().describe('The model of the server when omitted.'),
    driver: Driver.default('local').describe(
      '`local`: runs on the server’s machine. `remote`: runs on another machine, whose bridge enrolls.',
    ),
  })
  .meta({ examples: [{ requestId: '01990000-0000-7000-8000-00000000000b', name: 'Web cluster' }] });

/**
 * Creates an instance that the user owns. A local one is started by the server that runs local instances, a remote one
 * by the bridge that enrolls. A repeated `requestId` returns the original instance. Throws NOT_ENOUGH_MEMORY,
 * NOT_ISOLATED, MODEL_KEY_MISSING or MODEL_ADDRESS_REFUSED.
 */
export async function createInstance(ctx: AgentContext, input: z.output<typeof CreateInstance>): Promise<Instance> {
  const { db, user, keys } = ctx;
  const { requestId, name, model, driver } = input;
  const { agentInstance } = db.tenant(user.tenantId);
  const where = { ownerId_requestId: { ownerId: user.id, requestId } };
  const findCreated = () => agentInstance.findUnique({ where, select: { id: true } });
  let created = await findCreated();
  if (!created) {
    if (driver === 'local') {
      await requireIsolation(ctx, 'instance');
      await requireMemory(ctx);
      if (model) requireReachable(ctx.modelReach, model);
    }
    const base = { id: newId(), requestId, name, ownerId: user.id, engineType: 'openclaw', driver };
    const modelFields = model ? toModelColumns(ctx, resolveKey(ctx, model)) : {};
    const data = [
      {
        ...base,
        ...modelFields,
        ...deployingFields({ driver, bridgeHost: null }),
        bridgeSecret: keys.seal(createToken()),
      },
    ];
    // Of two concurrent requests with the same id, one creates the instance and both return it.
    await agentInstance.createMany({ data, skipDuplicates: true });
    await notifyDesiredState(ctx);
    created = await findCreated();
  }
  if (!created) throw instanceNotFound();
  return requireInstance(ctx, created.id);
}

/** Input of `instance.rename`. */
export const RenameInstance = z.object({ instanceId: Id, name: displayName() });

/** Renames an instance. Throws INSTANCE_NOT_FOUND. */
export async function renameInstance(ctx: UserContext, { instanceId, name }: z.infer<typeof RenameInstance>) {
  await requireOwnedInstance(ctx, instanceId);
  await ctx.db.tenant(ctx.user.tenantId).agentInstance.updateMany({ where: { id: instanceId }, data: { name } });
  notifyInstances(ctx, ctx.user.tenantId);
  return requireInstance(ctx, instanceId);
}

/** Input of `instance.setModel`. */
export const SetModel = z.object({ instanceId: Id, model: ModelInput });

/**
 * Sets the model of an instance, and restarts the instance unless it is stopped. Throws INSTANCE_NOT_FOUND,
 * MODEL_KEY_MISSING or MODEL_ADDRESS_REFUSED.
 */
export async function setModel(ctx: AgentContext, { instanceId, model }: z.infer<typeof SetModel>) {
  const instance = await requireOwnedInstance(ctx, instanceId);
  // The bridge of a remote instance calls the model, from a network that this server does not know.
  if (instance.driver !== 'remote') requireReachable(ctx.modelReach, model);
  const data = { ...toModelColumns(ctx, resolveKey(ctx, model, instance)), revision: { increment: 1 } };
  const { agentInstance } = ctx.db.tenant(ctx.user.tenantId);
  await agentInstance.updateMany({ where: { id: instanceId }, data });
  await agentInstance.updateMany({
    where: { id: instanceId, desiredState: 'RUNNING' },
    data: deployingFields(instance),
  });
  await notifyDesiredState(ctx);
  return requireInstance(ctx, instanceId);
}
