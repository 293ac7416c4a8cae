import { Isolation } from '@it0/contracts/bridge';
import { Id } from '@it0/contracts/ids';
import { StatusReason } from '@it0/contracts/instance-status';
import type { AgentInstance } from '@it0/db/generated/tenant/client';
import { z } from 'zod';
import { lookupNames } from '../../auth/member/names.ts';
import type { UserContext } from '../../context.ts';
import { AppError } from '../../errors.ts';
import { openStatuses } from '../task/task.ts';
import { isOwnedBy, principalKey, visibleTo } from './access.ts';
import { ModelSettings, toModelSettings } from './model-settings.ts';

export const Instance = z
  .object({
    id: Id,
    name: z.string(),
    mine: z.boolean().describe('The asker’s own; the others were shared.'),
    ownerName: z.string(),
    status: z.enum(['DEPLOYING', 'RUNNING', 'STOPPED', 'ERROR']).meta({ id: 'InstanceStatus' }),
    statusReason: StatusReason.nullable(),
    statusDetail: z
      .string()
      .nullable()
      .describe('What is known beyond the reason: an address, a command, the last lines.'),
    engineType: z.string(),
    modelName: z.string().nullable(),
    scripted: z.boolean().describe('Replies come from the scripted model that needs no key.'),
    createdAt: z.iso.datetime(),
    lastActiveAt: z.iso.datetime().nullable(),
    runningTasks: z.int().describe('Tasks that are not over, those that wait in a queue included.'),
    pendingApprovals: z.int(),
    driver: z
      .string()
      .describe('Who starts and stops it: `local`, the server itself; `remote`, its bridge on another host.'),
    host: z.string().nullable().describe('The machine a remote one lives on; null until its bridge has enrolled.'),
    bridgeVersion: z.string().nullable().describe('Of a remote one.'),
    runningSince: z.iso.datetime().nullable(),
    memoryBytes: z.int().nullable().describe('What all its processes take, of late.'),
    cpuPercent: z.number().nullable().describe('Of one core, over the last seconds.'),
    sharedFolderWritable: z
      .boolean()
      .describe('Everybody’s tasks may write to the folder that all who use it read; else it is read-only.'),
    isolation: Isolation.nullable().describe(
      'What keeps its processes away from everything else on their machine: `none` says that nothing does, with what can be done about it, or null for a bridge that was told to do without. Null until it is known.',
    ),
    model: ModelSettings.nullable().describe('The model it was given; null for what is not the asker’s own.'),
  })
  .meta({ id: 'Instance', description: 'One agent of one owner.' });
export type Instance = z.infer<typeof Instance>;

/** Lists the instances that the user can see, oldest first. Concurrent requests of a person share a read. */
export function listInstances(ctx: UserContext): Promise<Instance[]> {
  return ctx.sharedReads(`instances ${principalKey(ctx.user)}`, () => findInstances(ctx, {}));
}

/** Not yours and not there are the same answer. */
export async function requireInstance(ctx: UserContext, instanceId: string): Promise<Instance> {
  const [instance] = await findInstances(ctx, { id: instanceId });
  if (!instance) throw instanceNotFound();
  return instance;
}

/** One's own: what is shared with somebody is not theirs to change. */
export async function requireOwnedInstance({ db, user }: UserContext, id: string) {
  const where = { id, ...isOwnedBy(user) };
  const instance = await db.tenant(user.tenantId).agentInstance.findUnique({ where });
  if (!instance) throw instanceNotFound();
  return instance;
}

export const instanceNotFound = () => new AppError('INSTANCE_NOT_FOUND', 'There is no such instance.');

const toIsolation = ({
  isolation: method,
  isolationDetail: detail,
}: Pick<AgentInstance, 'isolation' | 'isolationDetail'>) =>
  Isolation.nullable().parse(method === null ? null : { method, detail });

async function findInstances(ctx: UserContext, where: { id?: string }): Promise<Instance[]> {
  const { db, user } = ctx;
  const tenant = db.tenant(user.tenantId);
  const visible = { ...where, ...visibleTo(user) };
  const ofInstance = { agentInstance: visible };
  const [instances, sessions, tasks] = await Promise.all([
    tenant.agentInstance.findMany({ where: visible, orderBy: { createdAt: 'asc' } }),
    tenant.agentSession.groupBy({ by: ['agentInstanceId'], where: ofInstance, _max: { lastActiveAt: true } }),
    tenant.agentTask.findMany({
      where: { status: { in: openStatuses }, session: ofInstance },
      select: { status: true, session: { select: { agentInstanceId: true } } },
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
      engineType: instance.engineType,
      modelName: instance.modelName,
      scripted: instance.scripted,
      createdAt: instance.createdAt.toISOString(),
      lastActiveAt: last?.toISOString() ?? null,
      runningTasks: openTasks.length,
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
