import { Isolation } from '@it0/contracts/bridge';
import { Id } from '@it0/contracts/ids';
import { Driver, EngineType, InstanceStatus, StatusReason } from '@it0/contracts/instance';
import type { AgentInstance } from '@it0/db/generated/tenant/client';
import { z } from 'zod';
import { lookupNames } from '../../auth/member/names.ts';
import type { UserContext } from '../../core.ts';
import { AppError } from '../../errors.ts';
import type { AgentContext } from '../agent-services.ts';
import { countRunning, OPEN_STATUSES } from '../task/task.ts';
import { isOwnedBy, principalKey, visibleTo } from './access.ts';
import { ModelSettings, toModelSettings } from './model-settings.ts';

/** An instance as the caller sees it. */
export const Instance = z
  .object({
    id: Id,
    name: z.string(),
    mine: z.boolean().describe('Whether the caller owns the instance. Otherwise it is shared with them.'),
    ownerName: z.string(),
    status: InstanceStatus,
    statusReason: StatusReason.nullable(),
    statusDetail: z.string().nullable().describe('Details of the reason, such as an address, a command or log lines.'),
    engineType: EngineType,
    modelName: z.string().nullable(),
    scripted: z.boolean().describe('Whether the scripted model answers, which needs no key.'),
    createdAt: z.iso.datetime(),
    lastActiveAt: z.iso.datetime().nullable(),
    runningTasks: z
      .int()
      .describe('Number of tasks that have not ended, without those that wait behind another one in their session.'),
    pendingApprovals: z.int(),
    driver: Driver,
    host: z.string().nullable().describe('Host name of a remote instance; null until its bridge has enrolled.'),
    bridgeVersion: z.string().nullable().describe('Version of the bridge of a remote instance.'),
    runningSince: z.iso.datetime().nullable(),
    memoryBytes: z.int().nullable().describe('Recent memory usage of all its processes.'),
    cpuPercent: z.number().nullable().describe('Recent CPU usage in percent of one core.'),
    sharedFolderWritable: z
      .boolean()
      .describe('Whether tasks may write to the shared folder, which all users of the instance can read.'),
    isolation: Isolation.nullable().describe(
      'How its processes are isolated from the rest of their machine. For `none`, the detail says how to fix that; it is null when isolation was turned off. Null until known.',
    ),
    model: ModelSettings.nullable().describe('Model settings; null unless the caller owns the instance.'),
  })
  .meta({ id: 'Instance', description: 'An agent with one owner.' });
export type Instance = z.infer<typeof Instance>;

/** Lists the instances that the user can see, oldest first. Concurrent requests of a person share a read. */
export function listInstances(ctx: Pick<AgentContext, 'db' | 'user' | 'sharedReads'>): Promise<Instance[]> {
  return ctx.sharedReads(`instances ${principalKey(ctx.user)}`, () => findInstances(ctx, {}));
}

/**
 * Returns an instance that the user can see. Throws INSTANCE_NOT_FOUND, also for one that exists but is not visible.
 */
export async function requireInstance(ctx: UserContext, instanceId: string): Promise<Instance> {
  const [instance] = await findInstances(ctx, { id: instanceId });
  if (!instance) throw instanceNotFound();
  return instance;
}

/** Returns the row of an instance that the user owns. Throws INSTANCE_NOT_FOUND, also for one that is only shared. */
export async function requireOwnedInstance({ db, user }: UserContext, id: string) {
  const where = { id, ...isOwnedBy(user) };
  const instance = await db.tenant(user.tenantId).agentInstance.findUnique({ where });
  if (!instance) throw instanceNotFound();
  return instance;
}

export const instanceNotFound = () => new AppError('INSTANCE_NOT_FOUND', 'Instance not found.');

const toIsolation = ({
  isolation: method,
  isolationDetail: detail,
}: Pick<AgentInstance, 'isolation' | 'isolationDetail'>) =>
  Isolation.nullable().parse(method === null ? null : { method, detail });

async function findInstances(ctx: Pick<UserContext, 'db' | 'user'>, where: { id?: string }): Promise<Instance[]> {
  const { db, user } = ctx;
  const tenant = db.tenant(user.tenantId);
  const visible = { ...where, ...visibleTo(user) };
  const ofInstance = { agentInstance: visible };
  const [instances, sessions, tasks] = await Promise.all([
    tenant.agentInstance.findMany({ where: visible, orderBy: { createdAt: 'asc' } }),
    tenant.agentSession.groupBy({ by: ['agentInstanceId'], where: ofInstance, _max: { lastActiveAt: true } }),
    tenant.agentTask.findMany({
      where: { status: { in: OPEN_STATUSES }, session: ofInstance },
      select: { status: true, sessionId: true, session: { select: { agentInstanceId: true } } },
    }),
  ]);
  const names = await lookupNames(
    ctx,
    instances.map(({ ownerId }) => ownerId),
  );
  return instances.map((instance) => {
    const last = sessions.find((session) => session.agentInstanceId === instance.id)?._max.lastActiveAt;
    const openTasks = tasks.filter((task) => task.session.agentInstanceId === instance.id);
    return {
      id: instance.id,
      name: instance.name,
      mine: instance.ownerId === user.id,
      ownerName: names(instance.ownerId),
      status: instance.status,
      statusReason: StatusReason.nullable().parse(instance.statusReason),
      statusDetail: instance.statusDetail,
      engineType: EngineType.parse(instance.engineType),
      modelName: instance.modelName,
      scripted: instance.scripted,
      createdAt: instance.createdAt.toISOString(),
      lastActiveAt: last?.toISOString() ?? null,
      runningTasks: countRunning(openTasks),
      pendingApprovals: openTasks.filter((task) => task.status === 'WAITING_APPROVAL').length,
      driver: instance.driver,
      host: instance.bridgeHost,
      bridgeVersion: instance.bridgeVersion,
      runningSince: instance.status === 'RUNNING' ? (instance.runningSince?.toISOString() ?? null) : null,
      memoryBytes: instance.memoryBytes === null ? null : Number(instance.memoryBytes),
      cpuPercent: instance.cpuPercent,
      sharedFolderWritable: instance.sharedFolderWritable,
      isolation: toIsolation(instance),
      model: instance.ownerId === user.id ? toModelSettings(instance) : null,
    };
  });
}
