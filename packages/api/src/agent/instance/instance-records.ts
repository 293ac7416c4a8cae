import type { Isolation } from '@it0/contracts/bridge';
import { toTenantSchema } from '@it0/contracts/ids';
import type { StatusReason } from '@it0/contracts/instance-status';
import type { Database } from '@it0/db/database';
import { queryAcrossSchemas } from '@it0/db/query-schemas';
import { escapeLiteral } from 'pg';
import type { Services } from '../../context.ts';
import { tenantTables } from '../task/event-log.ts';
import type { Instance } from './instance.ts';
import type { InstanceLogs } from './logs.ts';
import { type Model, toBridgeModel } from './model-settings.ts';
import { notifyInstances } from './notify.ts';

/** What a driver says of an instance it runs. */
export type InstanceChange = {
  status: Instance['status'];
  reason: StatusReason | null;
  detail: string | null;
  bridgeUrl: string | null;
  model: { name: string; scripted: boolean } | null;
  /** Undefined when it has not changed. */
  isolation?: Isolation | null;
};

/** What all processes of an instance take together; the processor in percent of one core. */
export type InstanceUsage = { memoryBytes: number; cpuPercent: number };

/** What the API asks of the machine that instances run on. */
export type InstanceHost = {
  /** Something is wanted of one: whoever runs them looks at once, if that is this server. */
  reconcileNow(): void;
  /** What is left for more of them, in bytes. */
  availableMemory(): Promise<number>;
  /** Isolation of local instances; null when none run here, or when it is not checked. */
  isolation(): Promise<Isolation | null>;
  /** The last lines of an instance, and the secrets of its own that may be in them. */
  logs(tenantId: string, instanceId: string): Promise<InstanceLogs & { secrets: string[] }>;
};

export type DesiredInstance = {
  tenantId: string;
  id: string;
  desiredState: 'RUNNING' | 'STOPPED' | 'REMOVED';
  revision: number;
  secret: string;
  model: Model;
};

type ReadServices = Pick<Services, 'db' | 'keys' | 'log' | 'refusedTenants'>;

/** How often each tenant's people wanted something of an instance. */
export async function readDesiredRevisions({ db, refusedTenants }: ReadServices): Promise<Map<string, number>> {
  const where = { id: { notIn: [...refusedTenants] } };
  const tenants = await db.platform.organization.findMany({ where, select: { id: true, desiredRevision: true } });
  return new Map(tenants.map(({ id, desiredRevision }) => [id, desiredRevision]));
}

type InstanceRow = { id: string; bridgeSecret: Buffer; modelKey: Buffer | null } & Pick<
  DesiredInstance,
  'desiredState' | 'revision'
> & {
    model: unknown;
  };

/** The instances of these tenants that whoever runs them has something to do for. */
export async function listDesired(services: ReadServices, tenantIds: string[]) {
  const { db, keys, log } = services;
  const ids = new Map(tenantIds.map((id) => [toTenantSchema(id), id]));
  const { rows, failed } = await queryAcrossSchemas<InstanceRow>(
    db.pool,
    [...ids.keys()],
    (schema) =>
      `SELECT "id", "bridgeSecret", "desiredState"::text AS "desiredState", "revision", "model", "modelKey" FROM ${schema}."AgentInstance"
       WHERE "driver" = 'local' AND ("desiredState" <> 'STOPPED' OR "status" <> 'STOPPED' OR "bridgeUrl" IS NOT NULL)`,
  );
  for (const { schema, error } of failed) {
    log.error({ err: error, tenantId: ids.get(schema) }, 'the instances of a tenant cannot be run');
  }
  const desired = rows.flatMap(({ schema, bridgeSecret, ...row }): DesiredInstance[] => {
    const key = { tenantId: ids.get(schema)!, id: row.id, desiredState: row.desiredState, revision: row.revision };
    try {
      return [{ ...key, secret: keys.open(bridgeSecret), model: toBridgeModel(services, row) }];
    } catch (error) {
      // One that cannot be read stops no other.
      log.error({ err: error, tenantId: key.tenantId, instanceId: row.id }, 'an instance cannot be run');
      return [];
    }
  });
  return { wanted: desired, failed: failed.map(({ schema }) => ids.get(schema)!) };
}

/**
 * Finds the tenants of local instances by id. An id that several tenants have, which was possible when clients chose
 * ids, belongs to the tenant that used it first.
 */
export async function findInstanceTenants({ pool, platform }: Database, ids: string[]): Promise<Map<string, string>> {
  const tenants = await platform.organization.findMany({ select: { id: true } });
  const schemas = new Map(tenants.map(({ id }) => [toTenantSchema(id), id]));
  const list = ids.map((id) => escapeLiteral(id)).join(', ');
  const { rows } = await queryAcrossSchemas<{ id: string; createdAt: Date }>(
    pool,
    [...schemas.keys()],
    (schema) =>
      `SELECT "id", "createdAt" FROM ${schema}."AgentInstance" WHERE "driver" = 'local' AND "id" IN (${list})`,
  );
  const newestFirst = rows.sort((one, other) => other.createdAt.getTime() - one.createdAt.getTime());
  return new Map(newestFirst.map(({ id, schema }) => [id, schemas.get(schema)!]));
}

type WriteServices = Pick<Services, 'db' | 'bus'>;
type InstanceKey = { tenantId: string; id: string };

/** Keeps what a driver says, unless its owner wants something else by now. */
export async function recordInstanceChange(
  services: WriteServices,
  { tenantId, id }: InstanceKey,
  change: InstanceChange,
) {
  const { db } = services;
  const { status, reason, detail, bridgeUrl, model, isolation } = change;
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
      ...{ status, statusReason: reason, statusDetail: detail, bridgeUrl },
      ...(model && { modelName: model.name, scripted: model.scripted }),
      ...toIsolationColumns(isolation),
      ...(bridgeUrl === null && { memoryBytes: null, cpuPercent: null }),
    },
  });
  if (started > 0) await wakeTasks(db, { tenantId, id });
  notifyInstances(services, tenantId);
}

/** Returns the columns for the isolation of an instance. */
export const toIsolationColumns = (isolation: Isolation | null | undefined) =>
  isolation ? { isolation: isolation.method, isolationDetail: isolation.detail } : {};

/** What waited for the instance waits no longer. */
const wakeTasks = ({ pool }: Database, { tenantId, id }: InstanceKey) =>
  pool.query(
    `UPDATE public."Dispatch" d SET "due" = now(), "attempt" = 0
     FROM ${tenantTables(tenantId)}."AgentSession" s
     WHERE d."tenantId" = $1 AND d."sessionId" = s."id" AND s."agentInstanceId" = $2`,
    [tenantId, id],
  );

export async function recordUsage({ db }: WriteServices, { tenantId, id }: InstanceKey, usage: InstanceUsage) {
  const { memoryBytes, cpuPercent } = usage;
  const where = { id, desiredState: 'RUNNING' } as const;
  await db.tenant(tenantId).agentInstance.updateMany({ where, data: { memoryBytes, cpuPercent } });
}

/** Whether a stopped instance is at something that may end by itself, and nobody wants it back meanwhile. */
export async function isDraining({ db }: WriteServices, { tenantId, id }: InstanceKey): Promise<boolean> {
  const runningTask = await db.tenant(tenantId).agentTask.findFirst({
    where: {
      status: { in: ['DISPATCHED', 'RUNNING'] },
      session: { agentInstance: { id, desiredState: 'STOPPED' } },
    },
    select: { id: true },
  });
  return runningTask !== null;
}

/** Whether its owner wants it to run by now. */
export const isDesiredRunning = async ({ db }: WriteServices, { tenantId, id }: InstanceKey) =>
  (await db.tenant(tenantId).agentInstance.count({ where: { id, desiredState: 'RUNNING' } })) > 0;

/** After its processes have ended and its folder is deleted. */
export async function deleteInstanceRow({ db }: WriteServices, { tenantId, id }: InstanceKey) {
  await db.tenant(tenantId).agentInstance.deleteMany({ where: { id, desiredState: 'REMOVED' } });
}
