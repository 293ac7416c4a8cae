import { toBridgeChannel, toInstancesChannel } from '@it0/bus/bus';
import { type BridgeRequest, CHECK_IN_TIMING, type CheckIn, type CheckInResponse } from '@it0/contracts/remote-bridge';
import type { AgentServices } from '../agent-services.ts';
import { toBridgeModel } from '../instance/model-settings.ts';
import { type AuthenticatedBridge, type BridgeRow, requireBridgeRow } from './bridge-auth.ts';
import { createChannelSignal } from './channel-signal.ts';
import { checkCompatibility } from './compatibility.ts';
import { claimRequests } from './poll-transport.ts';
import { markSeen, recordCheckIn, recordProblem } from './record-check-in.ts';

/** Time until the response to a bridge that has not reached the desired state yet, which then checks in again. */
const PENDING_WAIT_MS = 1_000;
/** Interval at which the database is read, in case the bus lost a message. */
const RECHECK_MS = 2_000;

/**
 * Handles the check-in of a remote bridge: records its status, and returns the desired state of the instance and the
 * requests for the bridge. This is a long poll when the bridge allows it: it waits until there is something to return,
 * or `signal` aborts. Throws BRIDGE_UNKNOWN, BRIDGE_OUTDATED or BRIDGE_ADDRESS_REFUSED.
 */
export async function checkIn(
  services: AgentServices,
  bridge: AuthenticatedBridge,
  report: CheckIn,
  signal: AbortSignal,
): Promise<CheckInResponse> {
  const { tenantId, instanceId } = bridge;
  // Subscribed before the first read, so that no later change is missed.
  using changes = createChannelSignal(services.bus, [
    toBridgeChannel(tenantId, instanceId),
    toInstancesChannel(tenantId),
  ]);
  const { lastSeenAt, hasReturned } = await markSeen(services, bridge);
  const first = await requireBridgeRow(services, bridge);
  const incompatibility = checkCompatibility(services, report);
  if (incompatibility) {
    const { reason, detail } = incompatibility;
    await recordProblem(services, first, report, { reason, detail });
    throw incompatibility.error;
  }
  await recordCheckIn(services, first, report, hasReturned);

  const end = performance.now() + waitMs(first, report, hasReturned);
  for (;;) {
    const row = await requireBridgeRow(services, bridge);
    // A bridge that has disconnected would not receive them.
    const requests = signal.aborted ? [] : await claimRequests(services, bridge, lastSeenAt);
    const isChanged = row.desiredState !== first.desiredState || row.revision !== first.revision;
    const remainingMs = end - performance.now();
    if (requests.length > 0 || isChanged || remainingMs <= 0 || signal.aborted)
      return toResponse(services, row, report, requests);
    await changes.next(Math.min(remainingMs, RECHECK_MS), signal);
  }
}

const isReconciled = (row: BridgeRow, { running }: CheckIn) =>
  row.desiredState === 'RUNNING' ? running?.revision === row.revision : running === null;

function waitMs(row: BridgeRow, report: CheckIn, hasReturned: boolean) {
  if (!report.wait) return 0;
  if (isReconciled(row, report)) return CHECK_IN_TIMING.waitMs;
  return hasReturned ? 0 : PENDING_WAIT_MS;
}

function toResponse(
  services: AgentServices,
  row: BridgeRow,
  report: CheckIn,
  requests: BridgeRequest[],
): CheckInResponse {
  const { desiredState, revision } = row;
  const model = report.running?.revision === revision ? undefined : toBridgeModel(services, row);
  const newest = services.bridgePackage;
  return {
    desired: { running: desiredState === 'RUNNING', revision, model },
    requests,
    upgrade: newest && newest.version !== report.version ? newest.path : null,
  };
}
