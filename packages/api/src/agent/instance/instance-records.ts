import type { Isolation } from '@it0/contracts/bridge';
import type { DesiredState, InstanceStatus, StatusReason } from '@it0/contracts/instance';
import type { Database } from '@it0/db/database';
import { queryAcrossTenants } from '@it0/db/query-schemas';
import { toLiterals } from '@it0/db/sql';
import type { Core } from '../../core.ts';
import { makeInstanceDue } from '../dispatch/dispatch-table.ts';
import { type Model, toBridgeModel } from './model-settings.ts';
import { notifyInstances } from './notify.ts';

/** How requests reach a bridge: at its address, when it polls for them, or not at all. */
export type BridgeAddress =
  | { transport: 'direct'; bridgeUrl: string }
  | { transport: 'poll'; bridgeUrl: null }
  | { transport: null; bridgeUrl: null };

/** The address of a bridge that no request reaches. */
export const NO_ADDRESS = { transport: null, bridgeUrl: null } as const;

/** The status of an instance, as reported by its driver. */
export type InstanceChange = BridgeAddress & {
  status: InstanceStatus;
  reason: StatusReason | null;
  detail: string | null;
  model: { name: string; scripted: boolean } | null;
  /** Undefined when unchanged. */
  isolation?: Isolation | null;
};

/** Resources used by all processes of an instance. `cpuPercent` is relative to one core. */
export type InstanceUsage = { memoryBytes: number; cpuPercent: number };

/** An instance with its desired state, for the driver that runs it. */
export type DesiredInstance = {
  tenantId: string;
  id: string;
  desiredState: DesiredState;
  revision: number;
  secret: string;
  model: Model;
};

/** Reads the revision of each tenant, which increases with every change of a desired state. */
export async function readDesiredRevisions({ db, refusedTenants }: Core): Promise<Map<string, number>> {
  const where = { id: { notIn: [...refusedTenants] } };
  const tenants = await db.platform.organization.findMany({ where, select: { id: true, desiredRevision: true } });
  return new Map(tenants.map(({ id, desiredRevision }) => [id, desiredRevision]));
}

type InstanceRow = {
  id: string;
  desiredState: DesiredState;
  revision: number;
  bridgeSecret: Buffer;
  model: unknown;
  modelKey: Buffer | null;
};

/**
 * Lists the local instances of these tenants, except those that are stopped as desired. `failed` lists the tenants
 * whose tables could not be read.
 */
export async function listDesired(services: Core, tenantIds: string[]) {
  const { db, keys, log } = services;
  const { rows, failed } = await queryAcrossTenants<InstanceRow>(
    db.pool,
    tenantIds,
    (schema) =>
      `SELECT "id", "bridgeSecret", "desiredState"::text AS "desiredState", "revision", "model", "modelKey"
       FROM ${schema}."AgentInstance"
       WHERE "driver" = 'local'
         AND ("desiredState" <> 'STOPPED' OR "status" <> 'STOPPED' OR "transport" IS NOT NULL)`,
  );
  for (const { tenantId, error } of failed) {
    log.error({ err: error, tenantId }, 'the instances of a tenant could not be read');
  }
  const desired = rows.flatMap(({ tenantId, id, desiredState, revision, bridgeSecret, ...row }): DesiredInstance[] => {
    try {
      const secret = keys.open(bridgeSecret);
      return [{ tenantId, id, desiredState, revision, secret, model: toBridgeModel(services, row) }];
    } catch (error) {
      // An unreadable instance must not affect the others.
      log.error({ err: error, tenantId, instanceId: id }, 'the secrets of an instance could not be read');
      return [];
    }
  });
  return { desired, failed: failed.map(({ tenantId }) => tenantId) };
}

/**
 * Finds the tenants of local instances by id. An id that several tenants have, which was possible when clients chose
 * ids, belongs to the tenant that used it first.
 */
export async function findInstanceTenants({ pool, platform }: Database, ids: string[]): Promise<Map<string, string>> {
  const tenants = await platform.organization.findMany({ select: { id: true } });
  const { rows } = await queryAcrossTenants<{ id: string; createdAt: Date }>(
    pool,
    tenants.map(({ id }) => id),
    (schema) =>
      `SELECT "id", "createdAt" FROM ${schema}."AgentInstance"
       WHERE "driver" = 'local' AND "id" IN (${toLiterals(ids)})`,
  );
  const newestFirst = rows.sort((one, other) => other.createdAt.getTime() - one.createdAt.getTime());
  return new Map(newestFirst.map(({ id, tenantId }) => [id, tenantId]));
}

type InstanceKey = { tenantId: string; id: string };

/** Records the status of an instance, unless it contradicts a desired state that has changed meanwhile. */
export async function recordInstanceChange(services: Core, { tenantId, id }: InstanceKey, change: InstanceChange) {
  const { db } = services;
  const { status, reason, detail, transport, bridgeUrl, model, isolation } = change;
  const { agentInstance } = db.tenant(tenantId);
  const where = { id, desiredState: status === 'STOPPED' ? ({ not: 'RUNNING' } as const) : ('RUNNING' as const) };
  let started = 0;
  if (status === 'RUNNING') {
    const data = { runningSince: new Date() };
    started = (await agentInstance.updateMany({ where: { ...where, status: { not: status } }, data })).count;
  }
  await agentInstance.updateMany({
    where,
    data: {
      status,
      statusReason: reason,
      statusDetail: detail,
      transport,
      bridgeUrl,
      ...(model && { modelName: model.name, scripted: model.scripted }),
      ...toIsolationColumns(isolation),
      ...(transport === null && { memoryBytes: null, cpuPercent: null }),
    },
  });
  if (started > 0) await makeInstanceDue(db.pool, { tenantId, id });
  notifyInstances(services, tenantId);
}

/** Returns the columns for the isolation of an instance. */
export const toIsolationColumns = (isolation: Isolation | null | undefined) =>
  isolation ? { isolation: isolation.method, isolationDetail: isolation.detail } : {};

/** Records the resources that an instance uses. */
export async function recordUsage({ db }: Core, { tenantId, id }: InstanceKey, usage: InstanceUsage) {
  const { memoryBytes, cpuPercent } = usage;
  const where = { id, desiredState: 'RUNNING' } as const;
  await db.tenant(tenantId).agentInstance.updateMany({ where, data: { memoryBytes, cpuPercent } });
}

/** Returns whether a stopped instance still has a running task, and should still be stopped. */
export async function isDraining({ db }: Core, { tenantId, id }: InstanceKey): Promise<boolean> {
  const runningTask = await db.tenant(tenantId).agentTask.findFirst({
    where: {
      status: { in: ['DISPATCHED', 'RUNNING'] },
      session: { agentInstance: { id, desiredState: 'STOPPED' } },
    },
    select: { id: true },
  });
  return runningTask !== null;
}

/** Returns whether the instance should run now. */
export const isDesiredRunning = async ({ db }: Core, { tenantId, id }: InstanceKey) =>
  (await db.tenant(tenantId).agentInstance.count({ where: { id, desiredState: 'RUNNING' } })) > 0;

/** Deletes the row of a removed instance. Called once its processes have ended and its folder is deleted. */
export async function deleteInstanceRow({ db }: Core, { tenantId, id }: InstanceKey) {
  await db.tenant(tenantId).agentInstance.deleteMany({ where: { id, desiredState: 'REMOVED' } });
}
