import { bridgeChannel, instancesChannel } from '@it0/bus/bus';
import {
  type BridgeRequest,
  type CheckIn,
  type CheckInResponse,
  CHECK_IN_TIMING as every,
} from '@it0/contracts/remote-bridge';
import type { Services } from '../../context.ts';
import { toBridgeModel } from '../instance/model-settings.ts';
import { type AuthenticatedBridge, bridgeUnknown } from './bridge-auth.ts';
import { channelSignal } from './channel-signal.ts';
import { checkCompatibility } from './compatibility.ts';
import { takeRequests } from './poll-transport.ts';
import { markSeen, recordCheckIn, recordTrouble } from './record-check-in.ts';

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
  bridge: AuthenticatedBridge,
  told: CheckIn,
  signal: AbortSignal,
): Promise<CheckInResponse> {
  const { tenantId, instanceId } = bridge;
  // Before anything is read: what changes from here on is heard.
  using news = channelSignal(services.bus, [bridgeChannel(tenantId, instanceId), instancesChannel(tenantId)]);
  const { lastSeenAt, hasReturned } = await markSeen(services, bridge);
  const first = await requireRow(services, bridge);
  const unfit = checkCompatibility(services, told);
  if (unfit) {
    const { reason, detail } = unfit;
    await recordTrouble(services, first, told, { reason, detail });
    throw unfit.error;
  }
  await recordCheckIn(services, first, told, hasReturned);

  const end = performance.now() + patience(first, told, hasReturned);
  for (;;) {
    const row = await requireRow(services, bridge);
    // Whoever is gone would be given them for nothing.
    const requests = signal.aborted ? [] : await takeRequests(services, bridge, lastSeenAt);
    const isChanged = row.desiredState !== first.desiredState || row.revision !== first.revision;
    const left = end - performance.now();
    if (requests.length > 0 || isChanged || left <= 0 || signal.aborted) return answer(services, row, told, requests);
    await news.next(Math.min(left, LOOK_MS), signal);
  }
}

export type BridgeRow = Awaited<ReturnType<typeof requireRow>>;

/** Whoever enrolls while another one waits is the bridge from then on. */
async function requireRow({ db, keys }: Services, { tenantId, instanceId, secret }: AuthenticatedBridge) {
  const row = await db.tenant(tenantId).agentInstance.findUnique({ where: { id: instanceId } });
  if (!row || row.desiredState === 'REMOVED' || keys.open(row.bridgeSecret) !== secret) throw bridgeUnknown();
  return { ...row, tenantId };
}

const isAsWanted = (row: BridgeRow, { running }: CheckIn) =>
  row.desiredState === 'RUNNING' ? running?.revision === row.revision : running === null;

function patience(row: BridgeRow, told: CheckIn, hasReturned: boolean) {
  if (!told.wait) return 0;
  if (isAsWanted(row, told)) return every.waitMs;
  return hasReturned ? 0 : AGAIN_MS;
}

function answer(services: Services, row: BridgeRow, told: CheckIn, requests: BridgeRequest[]): CheckInResponse {
  const { desiredState, revision } = row;
  const model = told.running?.revision === revision ? undefined : toBridgeModel(services, row);
  const newest = services.bridgePackage;
  return {
    desired: { running: desiredState === 'RUNNING', revision, model },
    requests,
    upgrade: newest && newest.version !== told.version ? newest.path : null,
  };
}
