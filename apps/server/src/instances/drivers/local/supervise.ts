import { setTimeout as sleep } from 'node:timers/promises';
import { fetchHealth } from '@it0/api/agent/bridge/ask-health';
import type { InstanceChange } from '@it0/api/agent/instance/instance-records';
import type { BridgeHealth, Isolation } from '@it0/contracts/bridge';
import type { StatusReason } from '@it0/contracts/instance-status';
import { limits } from '@it0/contracts/limits';
import { tail } from '@it0/contracts/text';
import type { Logger } from 'pino';
import { type BridgeOptions, type BridgeProcess, readLastLines, startBridge } from './bridge-process.ts';

export type SuperviseOptions = BridgeOptions & {
  onChange(change: InstanceChange): void;
  signal: AbortSignal;
  log: Logger;
  crashes?: typeof CRASH_LIMIT;
  patience?: typeof TIMEOUTS;
};

/** So many within that time are too many; the first pause before another start, doubled by each that follows. */
const CRASH_LIMIT = { most: 5, withinMs: 10 * 60_000, pauseMs: 1_000 };
/**
 * How long a bridge may take to get ready before that is an error; how long it may not answer at all before that is one,
 * and before it is started anew.
 */
const TIMEOUTS = { readyMs: 120_000, silentMs: 10_000, deadMs: 30_000, answerMs: 5_000 };
const poll = { startingMs: 250, readyMs: 2_000 };

/**
 * Keeps one instance's bridge running until the signal aborts, and tells of every change. A bridge that ends is started
 * again, ever more slowly; one that only crashes is an ERROR, and gets a new chance when the crashes are long ago.
 */
export async function supervise(options: SuperviseOptions): Promise<void> {
  const { dir, signal, log, crashes = CRASH_LIMIT } = options;
  const tell = changes(options.onChange);
  const starting = (reason: StatusReason | null) => tell({ ...nothing, status: 'DEPLOYING', reason });
  let ends: number[] = [];

  starting(null);
  while (!signal.aborted) {
    const bridge = await startBridge(options);
    await watch(bridge, options, tell, AbortSignal.any([signal, bridge.ended]));
    await bridge.end();
    if (signal.aborted) break;

    ends = [...ends, Date.now()].filter((at) => at > Date.now() - crashes.withinMs);
    log.warn({ dir, crashes: ends.length }, 'a bridge ended by itself');
    if (ends.length < crashes.most) {
      starting('AGENT_RESTARTING');
      await pause((crashes.pauseMs * 2 ** ends.length) / 2, signal);
    } else {
      const detail = tail(readLastLines(dir, 5), limits.detail);
      tell({ ...nothing, status: 'ERROR', reason: 'AGENT_CRASH_LOOP', detail });
      await pause(crashes.withinMs, signal);
    }
  }
  tell({ ...nothing, status: 'STOPPED' });
}

const nothing = { reason: null, detail: null, bridgeUrl: null, model: null };

type Tell = SuperviseOptions['onChange'];

/** Tells what the bridge says of itself, until the signal aborts or the bridge has been silent for too long. */
async function watch(bridge: BridgeProcess, options: SuperviseOptions, tell: Tell, over: AbortSignal) {
  const { secret, patience = TIMEOUTS } = options;
  let answeredAt = Date.now();
  let readyAt = Date.now();
  while (!over.aborted && Date.now() - answeredAt < patience.deadMs) {
    const bridgeUrl = bridge.url();
    const health = bridgeUrl === null ? null : await fetchHealth(bridgeUrl, secret, patience.answerMs);
    if (over.aborted) return;
    if (health) {
      answeredAt = Date.now();
      if (health.ready) readyAt = answeredAt;
      const late = answeredAt - readyAt > patience.readyMs;
      const status = health.ready ? 'RUNNING' : late ? 'ERROR' : 'DEPLOYING';
      const reason = health.ready ? null : 'AGENT_NOT_READY';
      const isolation = worstOf(options.confinement.sandbox, health.isolation);
      tell({ status, reason, detail: health.detail, bridgeUrl, model: health.model, isolation });
    } else if (Date.now() - answeredAt > patience.silentMs) {
      tell({ ...nothing, status: 'ERROR', reason: 'BRIDGE_SILENT', bridgeUrl });
    }
    await pause(health?.ready ? poll.readyMs : poll.startingMs, over);
  }
}

/** Returns the weaker isolation. A bridge reports only the inner sandbox of its agent, not the one in which it runs. */
const worstOf = ({ method, detail }: Isolation, within: BridgeHealth['isolation']): Isolation | null =>
  method === 'none' ? { method, detail } : (within ?? null);

/** Passes on what differs from the last. */
function changes(onChange: (change: InstanceChange) => void) {
  let last = '';
  return (change: InstanceChange) => {
    const text = JSON.stringify(change);
    if (text !== last) onChange(change);
    last = text;
  };
}

const pause = (ms: number, signal: AbortSignal) => sleep(ms, undefined, { signal }).catch(() => {});
