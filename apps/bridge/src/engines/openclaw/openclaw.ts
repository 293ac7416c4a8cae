import { randomUUID } from 'node:crypto';
import type { Reach } from '@it0/node/reach';
import type { Logger } from 'pino';
import type { Approvals } from '../../approvals.ts';
import { startScriptedModel } from '../../scripted-model/scripted-model.ts';
import { type AgentTools, startAgentTools } from '../../tools/agent-tools.ts';
import type { RunCommand } from '../../tools/command-runner.ts';
import type { FixedAddress } from '../../tools/tool-server.ts';
import type { Engine } from '../engine.ts';
import { keepKey } from '../key-keeper.ts';
import type { GatewayEvent } from './gateway-event.ts';
import { sessionOf } from './gateway-event.ts';
import { type GatewayAddress, keepGateway } from './gateway-process.ts';
import { createLink } from './link.ts';
import { type Model, scriptedModelAt } from './model.ts';
import { runTask } from './run-task.ts';

export type OtherGateway = { address: GatewayAddress; tools: FixedAddress };
export type OpenClawOptions = {
  dir: string;
  log: Logger;
  approvals: Approvals;
  /** Where the model may be; without it anywhere. */
  reach?: Reach;
  /** False: a person wants the agent's commands to run without a sandbox. */
  isSandboxed: boolean;
  /** Runs what was approved to run outside of the sandbox; null where nothing may. */
  unsandboxed: RunCommand | null;
  /** How long an approval waits at most. */
  approvalMs: number;
  /** A gateway that somebody else runs; null: one is started here and kept running. */
  gateway: OtherGateway | null;
  /** The model of a gateway that is started here; null: the scripted one. */
  model: Model | null;
  /** What the processes of the agent get to see of the environment. */
  environment: Record<string, string>;
};

/** OpenClaw as the engine of a bridge. Its gateway has no tools of its own, and no key of its model. */
export function createOpenClaw(options: OpenClawOptions): Engine {
  const { dir, log, gateway: other, model, reach } = options;
  const listeners = new Map<string, (event: GatewayEvent | undefined) => void>();
  const link = createLink({
    dir,
    log,
    onEvent: ({ session, event }) => listeners.get(session)?.(event),
    onLost: () => {
      for (const hear of listeners.values()) hear(undefined);
    },
  });
  let isolation: AgentTools['isolation'] | null = null;
  const ready = startAgentTools({ ...options, address: other?.tools });
  const starting = start();
  starting.catch((error) => log.error({ err: error }, 'the agent cannot be started'));

  async function start() {
    await using parts = new AsyncDisposableStack();
    const tools = await ready;
    parts.defer(tools.close);
    isolation = tools.isolation;
    if (other) {
      void link.use(other.address);
      return parts.move();
    }
    const inUse = model ?? (await startScripted(parts));
    const keeper = await keepKey({
      ...inUse,
      reach: model ? reach : undefined,
      api: inUse.provider === 'anthropic' ? 'anthropic' : 'openai',
    });
    parts.defer(keeper.close);
    const gateway = keepGateway({
      dir,
      model: { ...inUse, baseUrl: keeper.url, apiKey: keeper.token },
      tools: tools.address,
      sandbox: tools.sandbox,
      environment: tools.environment,
      log,
      onReady: (address) => void link.use(address).then(warmUp),
      onDown: link.drop,
    });
    parts.defer(gateway.close);
    return parts.move();
  }

  async function startScripted(parts: AsyncDisposableStack) {
    const scripted = await startScriptedModel();
    parts.defer(scripted.close);
    return scriptedModelAt(scripted.url);
  }

  /** A gateway loads half of itself at its first message. This one is answered without a model, and before a person's. */
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
    run: (run) =>
      runTask(run, {
        connection: link.connection,
        isClosed: link.isClosed,
        abortLater: link.abortLater,
        listen(session, hear) {
          listeners.set(session, hear);
          return () => listeners.delete(session);
        },
        serveTools: async (placeOf) =>
          (await ready).serveSession(`agent:main:${sessionOf(run.task.sessionKey)}`, run, placeOf),
      }),
    async close() {
      await link.close();
      await (await starting.catch(() => null))?.disposeAsync();
    },
  };
}
