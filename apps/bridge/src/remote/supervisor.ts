import { setTimeout as after } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { CheckIn } from '@it0/contracts/remote-bridge';
import type { Logger } from 'pino';
import { type Bridge, createBridge } from '../bridge.ts';
import { loadEngine } from '../engines/load-engine.ts';
import { agentEnvironment, type Env, listSecrets } from '../env.ts';
import type { JsonFile } from './json-file.ts';
import type { DesiredAgent } from './state-dir.ts';

export type SupervisorOptions = {
  dir: string;
  secret: string;
  host: string;
  port: number;
  wanted: JsonFile<DesiredAgent>;
  /** The configuration of one that is to run. */
  envOf(wanted: DesiredAgent): Env;
  log: Logger;
};
export type Supervisor = ReturnType<typeof createSupervisor>;
type Current = { bridge: Bridge; wanted: DesiredAgent };

/** How long tasks may take to end, and to be reported, when the agent is stopped. The others resume after the next start. */
const drainMs = 20_000;
const retryMs = 5_000;

/** Makes it so that runs here what is wanted: at first what was wanted last, so that a reboot needs no server. */
export function createSupervisor(options: SupervisorOptions) {
  const { log } = options;
  let wanted = options.wanted.read();
  let current: Current | undefined;
  let trouble: string | null = null;
  const closing = new AbortController();
  let changed = Promise.withResolvers<void>();

  const isAsWanted = () => wanted?.running && isDeepStrictEqual(current?.wanted, wanted);

  async function keep() {
    while (!closing.signal.aborted) {
      const news = changed.promise;
      if (current && !isAsWanted()) await leave(current);
      else if (!current && wanted?.running) await start(wanted);
      else await news;
    }
    await closeCurrent();
  }

  async function start(now: DesiredAgent) {
    try {
      current = { wanted: now, bridge: await begin(options, now) };
      trouble = null;
    } catch (error) {
      log.error({ err: error }, 'the agent cannot be started');
      trouble = `The agent cannot be started: ${error instanceof Error ? error.message : error}`;
      await Promise.race([changed.promise, after(retryMs, undefined, { signal: closing.signal }).catch(() => {})]);
    }
  }

  async function leave({ bridge }: Current) {
    for (const until = Date.now() + drainMs; !wanted?.running && bridge.hasUndelivered() && Date.now() < until; )
      await Promise.race([changed.promise, after(100)]);
    if (isAsWanted() || closing.signal.aborted) return;
    await closeCurrent();
  }

  /** The bridge has no address from here on: as soon as it leaves its port, another process can listen there. */
  async function closeCurrent() {
    const closed = current;
    current = undefined;
    await closed?.bridge.close();
  }

  const kept = keep();

  return {
    /** A model comes only with a revision that does not run here. */
    want({ running, revision, model }: DesiredAgent) {
      const next = { running, revision, model: model ?? wanted?.model };
      if (isDeepStrictEqual(next, wanted)) return;
      wanted = next;
      log.info({ running, revision }, 'something else is wanted');
      try {
        options.wanted.write(next);
      } catch (error) {
        log.error({ err: error }, 'what is wanted cannot be kept: after a restart the server has to say it again');
      }
      changed.resolve();
      changed = Promise.withResolvers();
    },
    running(): CheckIn['running'] {
      if (current) return { revision: current.wanted.revision, health: current.bridge.health() };
      if (!wanted?.running || !trouble) return null;
      const model = { name: wanted.model?.name ?? 'none', scripted: wanted.model?.provider === 'scripted' };
      const gateway = { version: null, connected: false };
      return { revision: wanted.revision, health: { ready: false, gateway, model, detail: trouble } };
    },
    /** Undefined as long as nobody has said. */
    isWanted: () => wanted?.running,
    url: () => current?.bridge.url,
    async close() {
      closing.abort();
      changed.resolve();
      await kept;
    },
  };
}

async function begin({ dir, secret, host, port, envOf, log }: SupervisorOptions, wanted: DesiredAgent) {
  const env = envOf(wanted);
  const createEngine = await loadEngine({ env, environment: agentEnvironment(), log });
  const bridge = await createBridge({ dir, secret, host, port, secrets: listSecrets(env), log, createEngine });
  log.info({ url: bridge.url, revision: wanted.revision }, 'bridge listening');
  return bridge;
}
