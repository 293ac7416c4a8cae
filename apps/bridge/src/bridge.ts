import { once } from 'node:events';
import { chmodSync, mkdirSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Logger } from 'pino';
import { createAttachments } from './attachments.ts';
import type { Engine } from './engines/engine.ts';
import { bridgeApp } from './http.ts';
import { createOutbox } from './outbox.ts';
import { createTasks } from './tasks.ts';

export type Bridge = { url: string; close(): Promise<void> };
export type BridgeOptions = {
  /** A folder of its own: what the bridge must not forget. Made if it is not there. */
  dir: string;
  host: string;
  /** 0: any that is free. */
  port: number;
  /** What the server shows with every request. */
  secret: string;
  log: Logger;
  createEngine(): Engine;
};

/** Starts a bridge: it answers at once, and takes tasks that its engine does as soon as it is ready. */
export async function createBridge({ dir, host, port, secret, log, createEngine }: BridgeOptions): Promise<Bridge> {
  mkdirSync(dir, { recursive: true });
  chmodSync(dir, 0o700);
  const outbox = createOutbox({ dir, log, onGone: (taskId) => tasks.stop(taskId, 'gone') });
  const server = createServer();
  await once(server.listen(port, host), 'listening');
  // Only now: an engine starts processes, which a bridge that cannot listen would leave behind.
  const engine = createEngine();
  const attachments = createAttachments({ dir, log });
  const tasks = createTasks({ outbox, engine, attachments, log });
  server.on('request', bridgeApp({ secret, tasks, outbox, engine, log }));
  tasks.resume();

  let closed: Promise<void> | undefined;
  const close = async () => {
    server.close();
    server.closeIdleConnections();
    attachments.close();
    await engine.close();
    server.closeAllConnections();
    await outbox.close();
  };
  const { port: actual } = server.address() as AddressInfo;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${actual}`,
    close: () => (closed ??= close()),
  };
}
