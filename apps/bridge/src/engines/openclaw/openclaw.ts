import { randomUUID } from 'node:crypto';
import type { Reach } from '@it0/node/reach';
import type { Logger } from 'pino';
import type { Approvals } from '../../approvals.ts';
import { startScriptedModel } from '../../scripted-model/scripted-model.ts';
import { type AgentTools, startAgentTools } from '../../tools/agent-tools.ts';
import type { RunCommand } from '../../tools/command-runner.ts';
import type { FixedAddress } from '../../tools/tool-server.ts';
import { startCredentialProxy } from '../credential-proxy.ts';
import type { Engine } from '../engine.ts';
import { createGatewayConnection } from './gateway-connection.ts';
import type { GatewayEvent } from './gateway-event.ts';
import { normalizeSessionKey } from './gateway-event.ts';
import { getGatewayRoot } from './gateway-folder.ts';
import { type GatewayAddress, superviseGateway } from './gateway-process.ts';
import { createScriptedModelConfig, type Model } from './model.ts';
import { runTask } from './run-task.ts';

export type ExternalGateway = { address: GatewayAddress; tools: FixedAddress };
export type OpenClawOptions = {
  dir: string;
  log: Logger;
  approvals: Approvals;
  /** The hosts that the model may be on; any host if omitted. */
  reach?: Reach;
  /** False when the owner chose to run commands without a sandbox. */
  isSandboxed: boolean;
  /** Runs commands outside the sandbox; null where that is not possible. */
  unsandboxed: RunCommand | null;
  /** The longest time an approval may stay pending. */
  approvalMs: number;
  /** The space in MB that agents leave free on the disk. */
  diskFloorMb?: number;
  /** A gateway that the bridge does not run; null to start one and keep it running. */
  gateway: ExternalGateway | null;
  /** The model of a gateway that is started here; null for the scripted model. */
  model: Model | null;
  /** The environment variables of the agent's processes. */
  environment: Record<string, string>;
};

/** Creates the engine that runs OpenClaw. Its gateway has none of OpenClaw's tools, and not the model's key. */
export function createOpenClaw(options: OpenClawOptions): Engine {
  const { dir, log, gateway: other, model, reach } = options;
  const listeners = new Map<string, (event: GatewayEvent | undefined) => void>();
  const link = createGatewayConnection({
    dir,
    log,
    onEvent: ({ session, event }) => listeners.get(session)?.(event),
    onGap: () => {
      for (const hear of listeners.values()) hear(undefined);
    },
  });
  let isolation: AgentTools['isolation'] | null = null;
  let running = 0;
  const ready = startAgentTools({ ...options, engineFolders: [getGatewayRoot(dir)], address: other?.tools });
  const starting = start();
  starting.catch((error) => log.error({ err: error }, 'the agent cannot be started'));

  async function start() {
    await using parts = new AsyncDisposableStack();
    const tools = await ready;
    parts.defer(tools.close);
    isolation = tools.isolation;
    if (other) {
      void link.use(other.address);
      return { gateway: null, parts: parts.move() };
    }
    const inUse = model ?? (await startScripted(parts));
    const keeper = await startCredentialProxy({
      ...inUse,
      reach: model ? reach : undefined,
      api: inUse.provider === 'anthropic' ? 'anthropic' : 'openai',
    });
    parts.defer(keeper.close);
    const gateway = superviseGateway({
      dir,
      model: { ...inUse, baseUrl: keeper.url, apiKey: keeper.token },
      tools: tools.address,
      sandbox: tools.sandbox,
      environment: tools.environment,
      log,
      onReady: (address) => void link.use(address).then(warmUp),
      onDown: link.drop,
    });
    return { gateway, parts: parts.move() };
  }

  async function startScripted(parts: AsyncDisposableStack) {
    const scripted = await startScriptedModel();
    parts.defer(scripted.close);
    return createScriptedModelConfig(scripted.url);
  }

  /**
   * A gateway loads half of itself at its first message. This one is answered without a model, and before a person's.
   */
  async function warmUp() {
    const connection = await link.connection(new AbortController().signal);
    const message = { sessionKey: 'warm-up', message: '/status', idempotencyKey: randomUUID() };
    await connection?.request('chat.send', message).catch(() => {});
  }

  return {
    health: () => ({
      ...link.health(),
      model: other
        ? { name: 'as the gateway is configured', scripted: false }
        : { name: model?.name ?? 'scripted', scripted: model === null },
      isolation,
    }),
    run(run) {
      running += 1;
      return runTask(run, {
        waitForConnection: link.connection,
        isClosed: link.isClosed,
        abortOnReconnect: link.abortOnReconnect,
        listen(session, hear) {
          listeners.set(session, hear);
          return () => listeners.delete(session);
        },
        serveTools: async (placeOf) =>
          (await ready).serveSession(`agent:main:${normalizeSessionKey(run.task.sessionKey)}`, run, placeOf),
      }).finally(() => {
        running -= 1;
      });
    },
    async close() {
      const gracefully = running === 0;
      // First, since the end of a run cancels the approvals that are pending for it.
      (await ready.catch(() => null))?.interruptCalls();
      await link.close();
      const started = await starting.catch(() => null);
      await started?.gateway?.close({ gracefully });
      await started?.parts.disposeAsync();
    },
  };
}
