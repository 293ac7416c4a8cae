import {
  type BridgeRequest,
  CHECK_IN_PATH,
  CHECK_IN_TIMING,
  CheckInResponse,
  formatBridgeToken,
  RESPONSES_PATH,
} from '@it0/contracts/remote-bridge';
import { computeBackoffMs } from '@it0/node/backoff';
import { delay } from '@it0/node/delay';
import { every } from '@it0/node/every';
import type { Logger } from 'pino';
import { forwardRequest } from './forward-request.ts';
import type { HostInfo } from './host-info.ts';
import { BACKOFF, type PostResult, post } from './server-link.ts';
import type { Enrollment } from './state-dir.ts';
import type { StatusPrinter } from './status-printer.ts';
import type { Supervisor } from './supervisor.ts';

export type CheckInOptions = {
  hostInfo: HostInfo;
  enrollment: Enrollment;
  supervisor: Supervisor;
  printer: StatusPrinter;
  log: Logger;
  signal: AbortSignal;
  /** The delay between check-ins while the server refuses this version of the bridge. */
  outdatedMs?: number;
};

/** The time that a response may take in addition to the server's own wait. */
const GRACE_MS = 3_000;
/** The interval at which the agent is compared with its reported state while a check-in waits. */
const CHANGE_POLL_MS = 100;
/** The shortest time between two check-ins that report a change. */
const MIN_INTERVAL_MS = 1_000;
const MAX_RETRY_MS = 30_000;
/** The delay before each attempt to send a response. */
const RESPONSE_DELAYS_MS = [0, 250, 500, 1_000];

/**
 * Reports the agent's state to the server and applies its responses, until the server no longer knows this bridge.
 * Returns the server's message then, and undefined when the signal aborts.
 */
export async function runCheckIns(options: CheckInOptions): Promise<string | undefined> {
  const { hostInfo, supervisor, printer, log, signal, outdatedMs = 60_000 } = options;
  const token = formatBridgeToken(options.enrollment);
  const isLongPolling = hostInfo.url === null;
  let failures = 0;

  while (!signal.aborted) {
    const running = supervisor.describeRunning();
    await using change = watchAgent(supervisor, running, signal);
    // After a failure the server answers at once, which shows that it is reachable again.
    const body = { ...hostInfo, running, wait: isLongPolling && failures === 0 };
    const withinMs = GRACE_MS + (isLongPolling ? CHECK_IN_TIMING.waitMs : 0);
    const request = { path: CHECK_IN_PATH, body, token, withinMs, signal: change.signal };
    const result = await post(hostInfo.server, request).catch(() => 'changed' as const);
    if (result === 'changed') continue;
    const response = result.type === 'ok' ? CheckInResponse.safeParse(result.body).data : undefined;
    if (response) {
      failures = 0;
      printer.showReachable();
      apply(response);
      if (!isLongPolling) await delay(CHECK_IN_TIMING.everyMs, change.signal);
      continue;
    }
    if (result.type === 'rejected' && result.reason === 'BRIDGE_UNKNOWN') return result.message;
    log.warn({ result: { ...result, body: undefined }, failures }, 'a check-in failed and will be retried');
    await delay(recordFailure(result), signal);
  }

  function apply({ desired, requests, upgrade }: CheckInResponse) {
    supervisor.setDesired(desired);
    for (const request of requests) void respond(request);
    if (upgrade) {
      const command = `npx --yes ${hostInfo.server}${upgrade} --server ${hostInfo.server}`;
      printer.printOnce(`A newer version of the bridge is available. To upgrade, stop this one and run: ${command}`);
    }
  }

  /** Forwards a fetched request to the bridge, and sends the response to the server. */
  async function respond(request: BridgeRequest) {
    const responses = [await forwardRequest(request, supervisor.findUrl(), options.enrollment.secret)];
    for (const delayMs of RESPONSE_DELAYS_MS) {
      await delay(delayMs, signal);
      if (signal.aborted) return;
      const sending = post(hostInfo.server, {
        path: RESPONSES_PATH,
        body: { responses },
        token,
        withinMs: GRACE_MS,
        signal,
      });
      const result = await sending.catch(() => null);
      if (result?.type !== 'unavailable') return;
    }
    log.warn({ method: request.method, path: request.path }, 'a response could not be sent');
  }

  /** Counts a failure and prints it. Returns the delay in ms before the next check-in. */
  function recordFailure(result: PostResult): number {
    failures += 1;
    if (result.type === 'rejected') {
      printer.printOnce(result.message);
      return result.reason === 'BRIDGE_OUTDATED' ? outdatedMs : computeBackoffMs(failures, BACKOFF);
    }
    const { cause, waitMs } = result.type === 'unavailable' ? result : { cause: 'invalid response', waitMs: null };
    // A single failure is usual: the server was restarted, or an idle connection was closed.
    if (failures > 1) printer.showUnreachable(cause);
    return Math.min(MAX_RETRY_MS, waitMs ?? computeBackoffMs(failures, BACKOFF));
  }
}

/** Returns a signal that aborts when the agent's state differs from the reported one, after `MIN_INTERVAL_MS`. */
function watchAgent(supervisor: Supervisor, reported: ReturnType<Supervisor['describeRunning']>, closing: AbortSignal) {
  const changed = new AbortController();
  const reportedJson = JSON.stringify(reported);
  const earliest = performance.now() + MIN_INTERVAL_MS;
  const checks = every({
    ms: CHANGE_POLL_MS,
    run() {
      const isDue = performance.now() >= earliest;
      if (isDue && JSON.stringify(supervisor.describeRunning()) !== reportedJson) changed.abort();
    },
    onError: () => changed.abort(),
  });
  return { ...checks, signal: AbortSignal.any([closing, changed.signal]) };
}
