import type { Reach } from '@it0/node/reach';
import type { Logger } from 'pino';
import type { Approvals } from '../../approvals.ts';
import { startScriptedModel } from '../../scripted-model/scripted-model.ts';
import { type AgentTools, startAgentTools } from '../../tools/agent-tools.ts';
import type { RunCommand } from '../../tools/command-runner.ts';
import type { FixedAddress } from '../../tools/tool-server.ts';
import { type CredentialProxy, startCredentialProxy } from '../credential-proxy.ts';
import type { Engine } from '../engine.ts';
import { createGatewayConnection } from './gateway-connection.ts';
import type { GatewayEvent } from './gateway-event.ts';
import { normalizeSessionKey } from './gateway-event.ts';
import { getGatewayRoot } from './gateway-folder.ts';
import { type GatewayAddress, superviseGateway } from './gateway-process.ts';
import { createScriptedModelConfig, type Model } from './model.ts';
import { runTask } from './run-task.ts';
import { warmUp } from './warm-up.ts';

/** A gateway that the bridge does not run, and the address at which it expects the bridge's tools. */
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
  /** The model of a gateway that the bridge runs; null for the scripted model. */
  model: Model | null;
  /** The environment variables of the agent's processes. */
  environment: Record<string, string>;
  /** The folder of a compile cache that gateways share. */
  sharedCompileCache?: string;
  /** The time in which the gateway has to stop. */
  stopMs?: number;
};

/** Creates the engine that runs OpenClaw. Its gateway has neither OpenClaw's own tools nor the model's key. */
export function createOpenClaw(options: OpenClawOptions): Engine {
  const { dir, log, gateway: external, model, reach } = options;
  const listeners = new Map<string, (event: GatewayEvent | undefined) => void>();
  const gatewayConnection = createGatewayConnection({
    dir,
    log,
    onEvent: ({ session, event }) => listeners.get(session)?.(event),
    onGap: () => {
      for (const handleEvent of listeners.values()) handleEvent(undefined);
    },
    warmUp: async (connection) => {
      if (proxy) await warmUp(connection, { proxy, listen });
    },
  });
  let proxy: CredentialProxy | null = null;
  let isolation: AgentTools['isolation'] | null = null;
  let activeRuns = 0;
  const ready = startAgentTools({ ...options, engineFolders: [getGatewayRoot(dir)], address: external?.tools });
  const starting = start();
  starting.catch((error) => log.error({ err: error }, 'cannot start the agent'));

  async function start() {
    await using resources = new AsyncDisposableStack();
    const tools = resources.use(await ready);
    isolation = tools.isolation;
    if (external) {
      void gatewayConnection.use(external.address);
      return { gateway: null, resources: resources.move() };
    }
    const selected = model ?? (await startScripted(resources));
    proxy = resources.use(
      await startCredentialProxy({
        ...selected,
        reach: model ? reach : undefined,
        api: selected.provider === 'anthropic' ? 'anthropic' : 'openai',
      }),
    );
    const gateway = superviseGateway({
      dir,
      model: { ...selected, baseUrl: proxy.url, apiKey: proxy.token },
      tools: tools.address,
      sandbox: tools.sandbox,
      environment: tools.environment,
      sharedCompileCache: options.sharedCompileCache,
      stopMs: options.stopMs,
      log,
      onReady: (address) => void gatewayConnection.use(address),
      onSlowStart: gatewayConnection.setPhase,
      onDown: gatewayConnection.drop,
    });
    return { gateway, resources: resources.move() };
  }

  async function startScripted(resources: AsyncDisposableStack) {
    return createScriptedModelConfig(resources.use(await startScriptedModel()).url);
  }

  function listen(session: string, handleEvent: (event: GatewayEvent | undefined) => void) {
    listeners.set(session, handleEvent);
    return () => void listeners.delete(session);
  }

  return {
    health: () => ({
      ...gatewayConnection.health(),
      model: external
        ? { name: 'set by the gateway', scripted: false }
        : { name: model?.name ?? 'scripted', scripted: model === null },
      isolation,
    }),
    run(run) {
      activeRuns += 1;
      return runTask(run, {
        waitForConnection: gatewayConnection.waitForConnection,
        isClosed: gatewayConnection.isClosed,
        abortOnReconnect: gatewayConnection.abortOnReconnect,
        listen,
        serveTools: async (findOffset) =>
          (await ready).serveSession(`agent:main:${normalizeSessionKey(run.task.sessionKey)}`, run, findOffset),
      }).finally(() => {
        activeRuns -= 1;
      });
    },
    async [Symbol.asyncDispose]() {
      const gracefully = activeRuns === 0;
      // Interrupts calls first, since the end of a run cancels its pending approvals.
      (await ready.catch(() => null))?.interruptCalls();
      await gatewayConnection[Symbol.asyncDispose]();
      const current = await starting.catch(() => null);
      await current?.gateway?.close({ gracefully });
      await current?.resources.disposeAsync();
    },
  };
}
