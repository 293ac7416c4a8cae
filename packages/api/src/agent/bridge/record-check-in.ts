import type { StatusReason } from '@it0/contracts/instance-status';
import type { CheckIn } from '@it0/contracts/remote-bridge';
import type { Services } from '../../context.ts';
import { type InstanceChange, isolationColumns, recordInstanceChange } from '../instance/instance-records.ts';
import { askHealth } from './ask-health.ts';
import type { AuthenticatedBridge } from './bridge-auth.ts';
import type { BridgeRow } from './check-in.ts';
import { POLLED } from './poll-transport.ts';

/** How long an agent may take to get ready before that is an error. */
const READY_MS = 120_000;
const PROBE_MS = 4_000;

/** A bridge was heard of, just now: `hasReturned` when it was not for some time, or never. */
export async function markSeen(
  { db }: Pick<Services, 'db'>,
  { tenantId, instanceId }: Omit<AuthenticatedBridge, 'secret'>,
) {
  const { remoteBridge } = db.platform;
  const lastSeenAt = new Date();
  const data = { lastSeenAt, silent: false };
  const back = { tenantId, instanceId, OR: [{ silent: true }, { lastSeenAt: null }] };
  const { count } = await remoteBridge.updateMany({ where: back, data });
  if (count === 0) await remoteBridge.updateMany({ where: { tenantId, instanceId }, data });
  return { lastSeenAt, hasReturned: count > 0 };
}

/** Keeps what a bridge says of itself and its agent, where that is news. */
export async function recordCheckIn(services: Services, row: BridgeRow, told: CheckIn, hasReturned: boolean) {
  await record(services, row, told, await changeOf(services, row, told, hasReturned));
}

/** Keeps why a bridge is refused, for its owner to see. */
export const recordTrouble = (
  services: Services,
  row: BridgeRow,
  told: CheckIn,
  trouble: { reason: StatusReason; detail: string },
) => record(services, row, told, { ...nothing, status: 'ERROR', ...trouble });

const nothing = { reason: null, detail: null, bridgeUrl: null, model: null };

async function changeOf(
  services: Services,
  row: BridgeRow,
  told: CheckIn,
  hasReturned: boolean,
): Promise<InstanceChange> {
  const { running, url } = told;
  if (row.desiredState !== 'RUNNING') return { ...nothing, status: 'STOPPED', bridgeUrl: running && (url ?? POLLED) };
  if (!running) return { ...nothing, status: 'DEPLOYING' };
  if (url && !(await askHealth(url, services.keys.open(row.bridgeSecret), PROBE_MS))) {
    return { ...nothing, status: 'ERROR', reason: 'BRIDGE_UNREACHABLE', detail: url };
  }
  const { ready, detail, model, isolation } = running.health;
  const reason = ready ? null : 'AGENT_NOT_READY';
  const there = { reason, detail, bridgeUrl: url ?? POLLED, model, isolation } as const;
  if (running.revision !== row.revision) return { ...there, status: 'DEPLOYING', reason: null, detail: null };
  if (ready) return { ...there, status: 'RUNNING' };
  return { ...there, status: hasReturned || !isLate(row) ? 'DEPLOYING' : 'ERROR' };
}

/** Whether it has been getting ready for too long. */
const isLate = ({ status, updatedAt }: BridgeRow) =>
  status === 'ERROR' || (status === 'DEPLOYING' && Date.now() - updatedAt.getTime() > READY_MS);

async function record(services: Services, row: BridgeRow, told: CheckIn, change: InstanceChange) {
  const { tenantId, id } = row;
  const place = { bridgeHost: told.host, bridgeVersion: told.version, serverUrl: told.server };
  if (differs(row, place)) {
    await services.db.tenant(tenantId).agentInstance.updateMany({ where: { id }, data: place });
  }
  const { status, reason, detail, bridgeUrl, model, isolation } = change;
  const known = { ...(model && { modelName: model.name, scripted: model.scripted }), ...isolationColumns(isolation) };
  if (differs(row, { status, statusReason: reason, statusDetail: detail, bridgeUrl, ...known })) {
    await recordInstanceChange(services, { tenantId, id }, change);
  }
}

const differs = (row: BridgeRow, wanted: Partial<BridgeRow>) =>
  Object.entries(wanted).some(([name, value]) => row[name as keyof BridgeRow] !== value);
