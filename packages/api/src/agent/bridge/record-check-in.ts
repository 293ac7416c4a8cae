import type { StatusReason } from '@it0/contracts/instance';
import type { CheckIn } from '@it0/contracts/remote-bridge';
import type { Core } from '../../core.ts';
import {
  type InstanceChange,
  NO_ADDRESS,
  recordInstanceChange,
  toIsolationColumns,
} from '../instance/instance-records.ts';
import type { AuthenticatedBridge, BridgeRow } from './bridge-auth.ts';
import { fetchHealth } from './fetch-health.ts';

/** Time that an agent may take to get ready before its status is ERROR. */
const READY_MS = 120_000;
const PROBE_TIMEOUT_MS = 4_000;

/** Records that a bridge has checked in now. `hasReturned` is true when it was silent before, or has just enrolled. */
export async function markSeen({ db }: Core, { tenantId, instanceId }: Omit<AuthenticatedBridge, 'secret'>) {
  const { remoteBridge } = db.platform;
  const lastSeenAt = new Date();
  const data = { lastSeenAt, silent: false };
  const returned = { tenantId, instanceId, OR: [{ silent: true }, { lastSeenAt: null }] };
  const { count } = await remoteBridge.updateMany({ where: returned, data });
  if (count === 0) await remoteBridge.updateMany({ where: { tenantId, instanceId }, data });
  return { lastSeenAt, hasReturned: count > 0 };
}

/** Records what a bridge reports about itself and its agent, when that has changed. */
export async function recordCheckIn(services: Core, row: BridgeRow, report: CheckIn, hasReturned: boolean) {
  await record(services, row, report, await determineChange(services, row, report, hasReturned));
}

/** Records why a bridge is rejected, for the owner of the instance. */
export const recordProblem = (
  services: Core,
  row: BridgeRow,
  report: CheckIn,
  problem: { reason: StatusReason; detail: string },
) => record(services, row, report, { ...CLEARED, status: 'ERROR', ...problem });

const CLEARED = { ...NO_ADDRESS, reason: null, detail: null, model: null };

const POLLED = { transport: 'poll', bridgeUrl: null } as const;

async function determineChange(
  services: Core,
  row: BridgeRow,
  report: CheckIn,
  hasReturned: boolean,
): Promise<InstanceChange> {
  const { running, url } = report;
  const address = url ? ({ transport: 'direct', bridgeUrl: url } as const) : POLLED;
  if (row.desiredState !== 'RUNNING') return { ...CLEARED, ...(running && address), status: 'STOPPED' };
  if (!running) return { ...CLEARED, status: 'DEPLOYING' };
  if (url && !(await fetchHealth(url, services.keys.open(row.bridgeSecret), PROBE_TIMEOUT_MS))) {
    return { ...CLEARED, status: 'ERROR', reason: 'BRIDGE_UNREACHABLE', detail: url };
  }
  const { ready, detail, model, isolation } = running.health;
  const reason = ready ? null : 'AGENT_NOT_READY';
  const online = { ...address, reason, detail, model, isolation } as const;
  if (running.revision !== row.revision) return { ...online, status: 'DEPLOYING', reason: null, detail: null };
  if (ready) return { ...online, status: 'RUNNING' };
  return { ...online, status: hasReturned || !isLate(row) ? 'DEPLOYING' : 'ERROR' };
}

/** Returns whether the agent has been getting ready for too long. */
const isLate = ({ status, updatedAt }: BridgeRow) =>
  status === 'ERROR' || (status === 'DEPLOYING' && Date.now() - updatedAt.getTime() > READY_MS);

async function record(services: Core, row: BridgeRow, report: CheckIn, change: InstanceChange) {
  const { tenantId, id } = row;
  const host = { bridgeHost: report.host, bridgeVersion: report.version, serverUrl: report.server };
  if (differs(row, host)) {
    await services.db.tenant(tenantId).agentInstance.updateMany({ where: { id }, data: host });
  }
  const { status, reason, detail, transport, bridgeUrl, model, isolation } = change;
  const details = {
    ...(model && { modelName: model.name, scripted: model.scripted }),
    ...toIsolationColumns(isolation),
  };
  if (differs(row, { status, statusReason: reason, statusDetail: detail, transport, bridgeUrl, ...details })) {
    await recordInstanceChange(services, { tenantId, id }, change);
  }
}

const differs = (row: BridgeRow, values: Partial<BridgeRow>) =>
  Object.entries(values).some(([name, value]) => row[name as keyof BridgeRow] !== value);
