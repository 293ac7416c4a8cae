import { createHash, randomUUID } from 'node:crypto';
import { GatewayClientRequestError } from '@openclaw/gateway-client';
import type { Logger } from 'pino';
import { startScriptedModel } from '../../scripted-model/scripted-model.ts';
import type { Engine } from '../engine.ts';
import type { GatewayEvent } from './gateway-event.ts';
import { type GatewayAddress, keepGateway } from './gateway-process.ts';
import { createLink } from './link.ts';
import { type Model, scriptedModelAt } from './model.ts';
import { runTask } from './run-task.ts';

export type OpenClawOptions = {
  dir: string;
  log: Logger;
  /** The gateway to use; null: one is started here and kept running. */
  gateway: GatewayAddress | null;
  /** The model of a gateway started here; null: the scripted one. */
  model: Model | null;
  /** What the processes of a gateway started here get to see of the environment. */
  environment: Record<string, string>;
};

/** OpenClaw as the engine of a bridge. */
export function createOpenClaw({ dir, log, gateway, model, environment }: OpenClawOptions): Engine {
  const listeners = new Map<string, (event: GatewayEvent | undefined) => void>();
  const link = createLink({
    dir,
    log,
    onEvent: ({ session, event }) => listeners.get(session)?.(event),
    onLost: () => {
      for (const hear of listeners.values()) hear(undefined);
    },
  });
  const shown = gateway
    ? { name: 'as the gateway is configured', scripted: false }
    : (model ?? { name: 'scripted', scripted: true });
  const behind = gateway ? link.use(gateway) : startOwn();

  async function startOwn() {
    const scripted = model ? undefined : await startScriptedModel(usualPort(dir));
    const own = keepGateway({
      dir,
      model: model ?? scriptedModelAt(scripted!.url),
      environment,
      log,
      onReady: (address) => void link.use(address).then(warmUp),
      onDown: link.drop,
    });
    return async () => {
      await own.close();
      await scripted?.close();
    };
  }

  /** A gateway loads half of itself at its first message. This one is answered without a model, and before a person's. */
  async function warmUp() {
    const connection = await link.connection(new AbortController().signal);
    const message = { sessionKey: 'warm-up', message: '/status', idempotencyKey: randomUUID() };
    await connection?.request('chat.send', message).catch(() => {});
  }

  return {
    health: () => ({ ...link.health(), model: { name: shown.name, scripted: shown.scripted } }),
    run: (run) =>
      runTask(run, {
        connection: link.connection,
        isClosed: link.isClosed,
        abortLater: link.abortLater,
        listen(session, hear) {
          listeners.set(session, hear);
          return () => listeners.delete(session);
        },
      }),
    async decide(approvalId, decision) {
      const connection = link.current();
      if (!connection) return 'unavailable';
      try {
        await connection.request('exec.approval.resolve', { id: approvalId, decision });
        return 'decided';
      } catch (error) {
        if (!(error instanceof GatewayClientRequestError)) return 'unavailable';
        return /NOT_FOUND/.test(`${error.gatewayCode} ${JSON.stringify(error.details)}`) ? 'unknown' : 'over';
      }
    },
    async close() {
      await link.close();
      const stop = await behind;
      await stop?.();
    },
  };
}

/** Where a folder's scripted model is found again: a gateway that outlived its bridge still has this address. */
const usualPort = (dir: string) => 20_000 + (createHash('sha256').update(dir).digest().readUInt32BE() % 10_000);
