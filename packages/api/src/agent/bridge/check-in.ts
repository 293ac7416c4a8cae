import { bridgeChannel, instancesChannel } from '@it0/bus/bus';
import { type BridgeRequest, type CheckedIn, type CheckIn, checkIn as every } from '@it0/contracts/remote-bridge';
import type { Services } from '../../context.ts';
import { modelOf } from '../instance/model-settings.ts';
import { bridgeUnknown, type KnownBridge } from './bridge-auth.ts';
import { heard } from './channel-signal.ts';
import { unfitting } from './compatibility.ts';
import { takeRequests } from './poll-transport.ts';
import { noteHeard, recordCheckIn, recordTrouble } from './record-check-in.ts';

/** How soon one is told again what it is not yet, in milliseconds. */
const AGAIN_MS = 1_000;
/** How often is looked at what the bus may not have told. */
const LOOK_MS = 2_000;

/**
 * A bridge says how it is, and learns what is wanted of it and what it is asked. If it may wait it does, until there is
 * something or the signal aborts.
 */
export async function checkIn(
  services: Services,
  bridge: KnownBridge,
  told: CheckIn,
  signal: AbortSignal,
): Promise<CheckedIn> {
  const { tenantId, instanceId } = bridge;
  // Before anything is read: what changes from here on is heard.
  using news = heard(services.bus, [bridgeChannel(tenantId, instanceId), instancesChannel(tenantId)]);
  const { heardAt, isBack } = await noteHeard(services, bridge);
  const first = await requireRow(services, bridge);
  const unfit = unfitting(services, told);
  if (unfit) {
    const { reason, detail } = unfit;
    await recordTrouble(services, first, told, { reason, detail });
    throw unfit.error;
  }
  await recordCheckIn(services, first, told, isBack);

  const end = performance.now() + patience(first, told, isBack);
  for (;;) {
    const row = await requireRow(services, bridge);
    // Whoever is gone would be given them for nothing.
    const requests = signal.aborted ? [] : await takeRequests(services, bridge, heardAt);
    const isChanged = row.wish !== first.wish || row.revision !== first.revision;
    const left = end - performance.now();
    if (requests.length > 0 || isChanged || left <= 0 || signal.aborted) return answer(services, row, told, requests);
    await news.next(Math.min(left, LOOK_MS), signal);
  }
}

export type BridgeRow = Awaited<ReturnType<typeof requireRow>>;

/** Whoever enrols while another one waits is the bridge from then on. */
async function requireRow({ db, keys }: Services, { tenantId, instanceId, secret }: KnownBridge) {
  const row = await db.tenant(tenantId).agentInstance.findUnique({ where: { id: instanceId } });
  if (!row || row.wish === 'REMOVED' || keys.open(row.bridgeSecret) !== secret) throw bridgeUnknown();
  return { ...row, tenantId };
}

const isAsWanted = (row: BridgeRow, { running }: CheckIn) =>
  row.wish === 'RUNNING' ? running?.revision === row.revision : running === null;

function patience(row: BridgeRow, told: CheckIn, isBack: boolean) {
  if (!told.wait) return 0;
  if (isAsWanted(row, told)) return every.waitMs;
  return isBack ? 0 : AGAIN_MS;
}

function answer(services: Services, row: BridgeRow, told: CheckIn, requests: BridgeRequest[]): CheckedIn {
  const { wish, revision } = row;
  const model = told.running?.revision === revision ? undefined : modelOf(services, row);
  const newest = services.bridgePackage;
  return {
    wanted: { running: wish === 'RUNNING', revision, model },
    requests,
    upgrade: newest && newest.version !== told.version ? newest.path : null,
  };
}
