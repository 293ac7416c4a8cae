import { EngineType, InstanceStatus, StatusReason } from '@it0/contracts/instance';
import type { Database } from '@it0/db/database';
import { z } from 'zod';
import type { UserContext } from '../../core.ts';
import type { InstanceChange } from '../instance/instance-records.ts';
import { countRunning, OPEN_STATUSES } from '../task/task.ts';

/** The engines that can run iAgent. */
export const AssistantEngine = EngineType.exclude(['openclaw']);
export type AssistantEngine = z.infer<typeof AssistantEngine>;

/** The status of iAgent, and of its work for the caller. */
export const Assistant = z
  .object({
    status: InstanceStatus.describe('STOPPED when this installation does not run iAgent.'),
    statusReason: StatusReason.nullable(),
    statusDetail: z.string().nullable().describe('Details of the reason.'),
    modelName: z.string().nullable(),
    scripted: z.boolean().describe('Whether the scripted model answers, which needs no key.'),
    lastActiveAt: z.iso.datetime().nullable().describe('Last activity in the caller’s sessions.'),
    runningTasks: z
      .int()
      .describe('Number of the caller’s tasks that have not ended, without those that wait behind another one.'),
    pendingApprovals: z.int(),
  })
  .meta({ id: 'Assistant', description: 'iAgent, as the caller sees it.' });
export type Assistant = z.infer<typeof Assistant>;

const NOT_RUNNING = { statusReason: null, statusDetail: null, modelName: null, scripted: false };

/** Returns the status of iAgent and the number of its open tasks of the user. */
export async function getAssistant({ db, user }: UserContext): Promise<Assistant> {
  const tenant = db.tenant(user.tenantId);
  const ownSessions = { agentInstanceId: null, ownerId: user.id };
  const [row, last, tasks] = await Promise.all([
    db.platform.assistant.findFirst(),
    tenant.agentSession.aggregate({ where: ownSessions, _max: { lastActiveAt: true } }),
    tenant.agentTask.findMany({
      where: { status: { in: OPEN_STATUSES }, session: ownSessions },
      select: { status: true, sessionId: true },
    }),
  ]);
  const { status, statusReason, statusDetail, modelName, scripted } = row ?? { ...NOT_RUNNING, status: 'STOPPED' };
  return {
    status,
    statusReason: StatusReason.nullable().parse(statusReason),
    statusDetail,
    modelName,
    scripted,
    lastActiveAt: last._max.lastActiveAt?.toISOString() ?? null,
    runningTasks: countRunning(tasks),
    pendingApprovals: tasks.filter((task) => task.status === 'WAITING_APPROVAL').length,
  };
}

/** Records the status of iAgent, as reported by the server that runs its bridge. */
export async function recordAssistant(
  { platform }: Database,
  engineType: AssistantEngine,
  bridgeSecret: Uint8Array<ArrayBuffer>,
  { status, reason, detail, bridgeUrl, model }: InstanceChange,
) {
  const modelFields = model && { modelName: model.name, scripted: model.scripted };
  const data = {
    engineType,
    bridgeSecret,
    status,
    statusReason: reason,
    statusDetail: detail,
    bridgeUrl,
    ...modelFields,
  };
  await platform.assistant.upsert({ where: { id: 1 }, create: data, update: data });
}

/** Deletes the record of iAgent, when this installation does not run it. */
export const deleteAssistant = ({ platform }: Database) => platform.assistant.deleteMany();
