import { setTimeout as after } from 'node:timers/promises';
import {
  type BridgeRequest,
  CHECK_IN_PATH,
  CheckInResponse,
  formatBridgeToken,
  CHECK_IN_TIMING as pace,
  RESPONSES_PATH,
} from '@it0/contracts/remote-bridge';
import type { Logger } from 'pino';
import { forwardRequest } from './forward-request.ts';
import type { HostInfo } from './host-info.ts';
import { backoffMs, post, type PostResult } from './server-link.ts';
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
  outdatedMs?: number;
};

/** How much longer an answer may take than it waits. */
const graceMs = 3_000;
/** How soon the server hears of a change here, and how often at most. */
const look = { everyMs: 100, apartMs: 1_000 };
const mostWaitMs = 30_000;
const answerPausesMs = [0, 250, 500, 1_000];

/**
 * Tells the server how it goes here, and does what it says, for as long as it knows this bridge. Returns why it does not
 * any more; undefined when the signal aborted.
 */
export async function keepCheckingIn(options: CheckInOptions): Promise<string | undefined> {
  const { hostInfo: told, supervisor: agent, printer: terminal, log, signal, outdatedMs = 60_000 } = options;
  const token = formatBridgeToken(options.enrollment);
  const wait = told.url === null;
  let failures = 0;

  while (!signal.aborted) {
    const running = agent.running();
    using change = onChange(agent, running, signal);
    // After a failure nobody wants to wait to learn that it is over.
    const body = { ...told, running, wait: wait && failures === 0 };
    const withinMs = graceMs + (wait ? pace.waitMs : 0);
    const reply = await post(told.server, { path: CHECK_IN_PATH, body, token, withinMs, signal: change.signal }).catch(
      () => 'changed' as const,
    );
    if (reply === 'changed') continue;
    const checkedIn = reply.type === 'answer' ? CheckInResponse.safeParse(reply.body).data : undefined;
    if (checkedIn) {
      failures = 0;
      terminal.reached();
      take(checkedIn);
      if (!wait) await pause(pace.everyMs, change.signal);
      continue;
    }
    if (reply.type === 'refused' && reply.reason === 'BRIDGE_UNKNOWN') return reply.message;
    log.warn({ reply: { ...reply, body: undefined }, failures }, 'a check-in failed and will be retried');
    await pause(afterFailure(reply), signal);
  }

  function take({ desired, requests, upgrade }: CheckInResponse) {
    agent.setDesired(desired);
    for (const request of requests) void answer(request);
    if (upgrade) {
      const command = `npx --yes ${told.server}${upgrade} --server ${told.server}`;
      terminal.sayOnce(`There is a newer bridge. Stop this one and start it with: ${command}`);
    }
  }

  async function answer(request: BridgeRequest) {
    const answers = [await forwardRequest(request, agent.url(), options.enrollment.secret)];
    for (const pauseMs of answerPausesMs) {
      await pause(pauseMs, signal);
      if (signal.aborted) return;
      const sent = post(told.server, {
        path: RESPONSES_PATH,
        body: { responses: answers },
        token,
        withinMs: graceMs,
        signal,
      });
      const reply = await sent.catch(() => null);
      if (reply?.type !== 'away') return;
    }
    log.warn({ method: request.method, path: request.path }, 'an answer could not be sent');
  }

  /** How long to wait, having said what is the matter. */
  function afterFailure(reply: PostResult) {
    failures += 1;
    if (reply.type === 'refused') {
      terminal.sayOnce(reply.message);
      return reply.reason === 'BRIDGE_OUTDATED' ? outdatedMs : backoffMs(failures);
    }
    const { why, waitMs } = reply.type === 'away' ? reply : { why: 'an answer that makes no sense' };
    // One alone is a server that was started anew, or a connection that was idle for too long.
    if (failures > 1) terminal.away(why);
    return Math.min(mostWaitMs, waitMs ?? backoffMs(failures));
  }
}

const pause = (ms: number, signal: AbortSignal) => after(ms, undefined, { signal }).catch(() => {});

/** Aborts when the agent is not any more as was told, though not at once again. */
function onChange(agent: Supervisor, was: ReturnType<Supervisor['running']>, closing: AbortSignal) {
  const changed = new AbortController();
  const told = JSON.stringify(was);
  const earliest = performance.now() + look.apartMs;
  const timer = setInterval(() => {
    if (performance.now() >= earliest && JSON.stringify(agent.running()) !== told) changed.abort();
  }, look.everyMs);
  return { signal: AbortSignal.any([closing, changed.signal]), [Symbol.dispose]: () => clearInterval(timer) };
}
