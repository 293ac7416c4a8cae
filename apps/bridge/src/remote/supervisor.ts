import { isDeepStrictEqual } from 'node:util';
import type { CheckIn } from '@it0/contracts/remote-bridge';
import { delay } from '@it0/node/delay';
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
  /** Returns the configuration of an agent. */
  readEnvFor(desired: DesiredAgent): Env;
  log: Logger;
};
export type Supervisor = ReturnType<typeof createSupervisor>;
type RunningAgent = { bridge: Bridge; desired: DesiredAgent };

/** The longest wait of a stopped agent for its tasks to end and be reported. The next start resumes the others. */
const DRAIN_MS = 20_000;
const RETRY_MS = 5_000;

/**
 * Creates the supervisor, which starts and stops the agent to match the desired state. It starts from the stored one,
 * so that a reboot does not need the server.
 */
export function createSupervisor(options: SupervisorOptions) {
  const { log } = options;
  let desired = options.desired.read();
  let current: RunningAgent | undefined;
  /** The agent that is being closed. It still counts as running, since its processes may be alive. */
  let stopping: RunningAgent | undefined;
  let startError: string | null = null;
  const closing = new AbortController();
  let changed = Promise.withResolvers<void>();

  const isRunningAsDesired = () => desired?.running && isDeepStrictEqual(current?.desired, desired);

  async function reconcile() {
    while (!closing.signal.aborted) {
      const nextChange = changed.promise;
      if (current && !isRunningAsDesired()) await stop(current);
      else if (!current && desired?.running) await start(desired);
      else await nextChange;
    }
    await closeCurrent();
  }

  async function start(target: DesiredAgent) {
    try {
      current = { desired: target, bridge: await startBridge(options, target) };
      startError = null;
    } catch (error) {
      log.error({ err: error }, 'the agent failed to start');
      startError = `The agent failed to start: ${error instanceof Error ? error.message : error}`;
      await Promise.race([changed.promise, delay(RETRY_MS, closing.signal)]);
    }
  }

  async function stop({ bridge }: RunningAgent) {
    const until = Date.now() + DRAIN_MS;
    // Closing resolves `changed` for good, so that waiting for it again would block the event loop.
    while (!closing.signal.aborted && !desired?.running && bridge.hasOpenTasks() && Date.now() < until)
      await Promise.race([changed.promise, delay(100)]);
    if (isRunningAsDesired() || closing.signal.aborted) return;
    await closeCurrent();
  }

  /** Closes the bridge. Its URL is cleared first, since another process may listen on the port once it is closed. */
  async function closeCurrent() {
    stopping = current;
    current = undefined;
    await stopping?.bridge.close();
    stopping = undefined;
  }

  const reconciling = reconcile();

  return {
    /** Sets the desired state. The server omits the model of the current revision. */
    setDesired({ running, revision, model }: DesiredAgent) {
      const next = { running, revision, model: model ?? desired?.model };
      if (isDeepStrictEqual(next, desired)) return;
      desired = next;
      log.info({ running, revision }, 'desired state changed');
      try {
        options.desired.write(next);
      } catch (error) {
        log.error(
          { err: error },
          'the desired state could not be stored; after a restart the server has to send it again',
        );
      }
      changed.resolve();
      changed = Promise.withResolvers();
    },
    /** Returns the `running` field of a check-in: the running revision and its health, or why it does not start. */
    describeRunning(): CheckIn['running'] {
      const agent = current ?? stopping;
      if (agent) return { revision: agent.desired.revision, health: agent.bridge.health() };
      if (!desired?.running || !startError) return null;
      const engine = { version: null, connected: false };
      return { revision: desired.revision, health: { ready: false, engine, model: null, detail: startError } };
    },
    /** Returns undefined until the server has sent a desired state. */
    isDesiredRunning: () => desired?.running,
    /** Returns the URL of the running bridge. */
    findUrl: () => current?.bridge.url,
    async [Symbol.asyncDispose]() {
      closing.abort();
      changed.resolve();
      await reconciling;
    },
  };
}

async function startBridge({ dir, secret, host, port, readEnvFor, log }: SupervisorOptions, desired: DesiredAgent) {
  const env = readEnvFor(desired);
  const createEngine = await loadEngine({ env, environment: readAgentEnvironment(), log });
  const bridge = await createBridge({ dir, secret, host, port, secrets: listSecrets(env), log, createEngine });
  log.info({ url: bridge.url, revision: desired.revision }, 'bridge listening');
  return bridge;
}
