import type { StatusReason } from '@it0/contracts/instance-status';
import type { CheckIn } from '@it0/contracts/remote-bridge';
import type { Services } from '../../context.ts';
import { type InstanceChange, isolationColumns, recordInstanceChange } from '../instance/instance-records.ts';
import { askHealth } from './ask-health.ts';
import type { KnownBridge } from './bridge-auth.ts';
import type { BridgeRow } from './check-in.ts';
import { fetchesItself } from './poll-transport.ts';

/** How long an agent may take to get ready before that is an error. */
const READY_MS = 120_000;
const PROBE_MS = 4_000;

/** A bridge was heard of, just now: `isBack` when it was not for some time, or never. */
export async function noteHeard({ db }: Pick<Services, 'db'>, { tenantId, instanceId }: Omit<KnownBridge, 'secret'>) {
  const { remoteBridge } = db.platform;
  const heardAt = new Date();
  const data = { heardAt, silent: false };
  const back = { tenantId, instanceId, OR: [{ silent: true }, { heardAt: null }] };
  const { count } = await remoteBridge.updateMany({ where: back, data });
  if (count === 0) await remoteBridge.updateMany({ where: { tenantId, instanceId }, data });
  return { heardAt, isBack: count > 0 };
}

/** Keeps what a bridge says of itself and its agent, where that is news. */
export async function recordCheckIn(services: Services, row: BridgeRow, told: CheckIn, isBack: boolean) {
  await record(services, row, told, await changeOf(services, row, told, isBack));
}

/** Keeps why a bridge is refused, for its owner to see. */
export const recordTrouble = (
  services: Services,
  row: BridgeRow,
  told: CheckIn,
  trouble: { reason: StatusReason; detail: string },
) => record(services, row, told, { ...nothing, status: 'ERROR', ...trouble });

const nothing = { reason: null, detail: null, bridgeUrl: null, model: null };

async function changeOf(services: Services, row: BridgeRow, told: CheckIn, isBack: boolean): Promise<InstanceChange> {
  const { running, url } = told;
  if (row.wish !== 'RUNNING') return { ...nothing, status: 'STOPPED', bridgeUrl: running && (url ?? fetchesItself) };
  if (!running) return { ...nothing, status: 'DEPLOYING' };
  if (url && !(await askHealth(url, services.keys.open(row.bridgeSecret), PROBE_MS))) {
    return { ...nothing, status: 'ERROR', reason: 'BRIDGE_UNREACHABLE', detail: url };
  }
  const { ready, detail, model, isolation } = running.health;
  const reason = ready ? null : 'AGENT_NOT_READY';
  const there = { reason, detail, bridgeUrl: url ?? fetchesItself, model, isolation } as const;
  if (running.revision !== row.revision) return { ...there, status: 'DEPLOYING', reason: null, detail: null };
  if (ready) return { ...there, status: 'RUNNING' };
  return { ...there, status: isBack || !isLate(row) ? 'DEPLOYING' : 'ERROR' };
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
