import { setTimeout as after } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { CheckIn } from '@it0/contracts/remote-bridge';
import type { Logger } from 'pino';
import { type Bridge, createBridge } from '../bridge.ts';
import { loadEngine } from '../engines/load-engine.ts';
import { type Env, listSecrets, readAgentEnvironment } from '../env.ts';
import type { JsonFile } from './json-file.ts';
import type { DesiredAgent } from './state-dir.ts';

export type SupervisorOptions = {
  dir: string;
  secret: string;
  host: string;
  port: number;
  desired: JsonFile<DesiredAgent>;
  /** The configuration of one that is to run. */
  readEnvFor(desired: DesiredAgent): Env;
  log: Logger;
};
export type Supervisor = ReturnType<typeof createSupervisor>;
type Current = { bridge: Bridge; desired: DesiredAgent };

/** How long tasks may take to end, and to be reported, when the agent is stopped. The others resume after the next start. */
const drainMs = 20_000;
const retryMs = 5_000;

/** Makes it so that runs here what is desired: at first what was desired last, so that a reboot needs no server. */
export function createSupervisor(options: SupervisorOptions) {
  const { log } = options;
  let desired = options.desired.read();
  let current: Current | undefined;
  let trouble: string | null = null;
  const closing = new AbortController();
  let changed = Promise.withResolvers<void>();

  const isAsWanted = () => desired?.running && isDeepStrictEqual(current?.desired, desired);

  async function keep() {
    while (!closing.signal.aborted) {
      const news = changed.promise;
      if (current && !isAsWanted()) await leave(current);
      else if (!current && desired?.running) await start(desired);
      else await news;
    }
    await closeCurrent();
  }

  async function start(now: DesiredAgent) {
    try {
      current = { desired: now, bridge: await begin(options, now) };
      trouble = null;
    } catch (error) {
      log.error({ err: error }, 'the agent cannot be started');
      trouble = `The agent cannot be started: ${error instanceof Error ? error.message : error}`;
      await Promise.race([changed.promise, after(retryMs, undefined, { signal: closing.signal }).catch(() => {})]);
    }
  }

  async function leave({ bridge }: Current) {
    for (const until = Date.now() + drainMs; !desired?.running && bridge.hasUndelivered() && Date.now() < until; )
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
    setDesired({ running, revision, model }: DesiredAgent) {
      const next = { running, revision, model: model ?? desired?.model };
      if (isDeepStrictEqual(next, desired)) return;
      desired = next;
      log.info({ running, revision }, 'something else is desired');
      try {
        options.desired.write(next);
      } catch (error) {
        log.error({ err: error }, 'what is desired cannot be kept: after a restart the server has to say it again');
      }
      changed.resolve();
      changed = Promise.withResolvers();
    },
    running(): CheckIn['running'] {
      if (current) return { revision: current.desired.revision, health: current.bridge.health() };
      if (!desired?.running || !trouble) return null;
      const model = { name: desired.model?.name ?? 'none', scripted: desired.model?.provider === 'scripted' };
      const gateway = { version: null, connected: false };
      return { revision: desired.revision, health: { ready: false, engine: gateway, model, detail: trouble } };
    },
    /** Undefined as long as nobody has said. */
    isDesiredRunning: () => desired?.running,
    url: () => current?.bridge.url,
    async close() {
      closing.abort();
      changed.resolve();
      await kept;
    },
  };
}

async function begin({ dir, secret, host, port, readEnvFor: envOf, log }: SupervisorOptions, desired: DesiredAgent) {
  const env = envOf(desired);
  const createEngine = await loadEngine({ env, environment: readAgentEnvironment(), log });
  const bridge = await createBridge({ dir, secret, host, port, secrets: listSecrets(env), log, createEngine });
  log.info({ url: bridge.url, revision: desired.revision }, 'bridge listening');
  return bridge;
}
