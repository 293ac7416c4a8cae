import { fetchHealth } from '@it0/api/agent/bridge/fetch-health';
import { type InstanceChange, NO_ADDRESS } from '@it0/api/agent/instance/instance-records';
import type { BridgeHealth, Isolation } from '@it0/contracts/bridge';
import type { StatusReason } from '@it0/contracts/instance';
import { limits } from '@it0/contracts/limits';
import { tail } from '@it0/contracts/text';
import { computeBackoffMs } from '@it0/node/backoff';
import { delay } from '@it0/node/delay';
import { tailFile } from '@it0/node/tail-file';
import type { Logger } from 'pino';
import { type BridgeOptions, type BridgeProcess, startBridge, toLogFile } from './bridge-process.ts';

export type SuperviseOptions = BridgeOptions & {
  onChange(change: InstanceChange): void;
  signal: AbortSignal;
  log: Logger;
  crashLimit?: typeof CRASH_LIMIT;
  timeouts?: typeof TIMEOUTS;
};

/**
 * Number of crashes within a time window that is an error, and the pause before the first restart, which then doubles.
 */
const CRASH_LIMIT = { max: 5, withinMs: 10 * 60_000, pauseMs: 1_000 };
/**
 * Time in which a bridge has to become ready unless its agent makes progress, silence after which it is an error,
 * silence after which it is restarted, and the timeout of one health check.
 */
const TIMEOUTS = { readyMs: 120_000, silentMs: 10_000, deadMs: 30_000, responseMs: 5_000 };
const LOG_TAIL_BYTES = 32 * 1024;
const POLL = { startingMs: 250, readyMs: 2_000 };

/**
 * Keeps the bridge of an instance running until the signal aborts, and reports every change. A bridge that ends is
 * restarted with growing pauses. After too many crashes the instance has the status ERROR, and the next attempt follows
 * after the time window.
 */
export async function supervise(options: SuperviseOptions): Promise<void> {
  const { dir, signal, log, crashLimit = CRASH_LIMIT } = options;
  const notify = skipUnchanged(options.onChange);
  const starting = (reason: StatusReason | null) => notify({ ...NO_DETAILS, status: 'DEPLOYING', reason });
  let crashTimes: number[] = [];

  starting(null);
  while (!signal.aborted) {
    const bridge = await startBridge(options);
    await watch(bridge, options, notify, AbortSignal.any([signal, bridge.ended]));
    await bridge.end();
    if (signal.aborted) break;

    crashTimes = [...crashTimes, Date.now()].filter((at) => at > Date.now() - crashLimit.withinMs);
    log.warn({ dir, crashes: crashTimes.length }, 'a bridge ended unexpectedly');
    if (crashTimes.length < crashLimit.max) {
      starting('AGENT_RESTARTING');
      const backoff = { firstMs: crashLimit.pauseMs, maxMs: crashLimit.withinMs };
      await delay(computeBackoffMs(crashTimes.length, backoff), signal);
    } else {
      const detail = tail((await tailFile(toLogFile(dir), LOG_TAIL_BYTES)).slice(-5).join('\n'), limits.detail);
      notify({ ...NO_DETAILS, status: 'ERROR', reason: 'AGENT_CRASH_LOOP', detail });
      await delay(crashLimit.withinMs, signal);
    }
  }
  notify({ ...NO_DETAILS, status: 'STOPPED' });
}

const NO_DETAILS = { ...NO_ADDRESS, reason: null, detail: null, model: null };

type Notify = SuperviseOptions['onChange'];

/** Reports the health of a bridge until the signal aborts, or until the bridge has not responded for too long. */
async function watch(bridge: BridgeProcess, options: SuperviseOptions, notify: Notify, end: AbortSignal) {
  const { secret, timeouts = TIMEOUTS } = options;
  let respondedAt = Date.now();
  let readyAt = Date.now();
  while (!end.aborted && Date.now() - respondedAt < timeouts.deadMs) {
    const bridgeUrl = bridge.url();
    const address = bridgeUrl === null ? NO_ADDRESS : ({ transport: 'direct', bridgeUrl } as const);
    const health = bridgeUrl === null ? null : await fetchHealth(bridgeUrl, secret, timeouts.responseMs);
    if (end.aborted) return;
    if (health) {
      respondedAt = Date.now();
      if (health.ready || health.starting) readyAt = respondedAt;
      const isLate = respondedAt - readyAt > timeouts.readyMs;
      const status = health.ready ? 'RUNNING' : isLate ? 'ERROR' : 'DEPLOYING';
      const reason = health.ready ? null : 'AGENT_NOT_READY';
      const isolation = pickWeaker(options.confinement.sandbox, health.isolation);
      notify({ ...address, status, reason, detail: health.detail, model: health.model, isolation });
    } else if (Date.now() - respondedAt > timeouts.silentMs) {
      notify({ ...NO_DETAILS, ...address, status: 'ERROR', reason: 'BRIDGE_SILENT' });
    }
    await delay(health?.ready ? POLL.readyMs : POLL.startingMs, end);
  }
}

/** Returns the weaker isolation. A bridge reports only the inner sandbox of its agent, not the one in which it runs. */
const pickWeaker = ({ method, detail }: Isolation, reported: BridgeHealth['isolation']): Isolation | null =>
  method === 'none' ? { method, detail } : (reported ?? null);

/** Wraps a listener so that it receives only changes that differ from the previous one. */
function skipUnchanged(onChange: (change: InstanceChange) => void) {
  let last = '';
  return (change: InstanceChange) => {
    const text = JSON.stringify(change);
    if (text !== last) onChange(change);
    last = text;
  };
}
