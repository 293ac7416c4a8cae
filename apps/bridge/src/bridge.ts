import { once } from 'node:events';
import { chmodSync, mkdirSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { BridgeHealth } from '@it0/contracts/bridge';
import { SHARED_SECRET_SCHEME } from '@it0/contracts/bridge-listening';
import type { ErrorResponse } from '@it0/contracts/error-response';
import { refuseMalformedRequests } from '@it0/node/refuse-request';
import { createSharedSecretOptions } from '@it0/node/shared-secret-tls';
import type { Logger } from 'pino';
import { type Approvals, createApprovals } from './approvals.ts';
import { createAttachments } from './attachments.ts';
import type { Engine } from './engines/engine.ts';
import { createBridgeApp } from './http.ts';
import { readLogs } from './logs.ts';
import { createOutbox } from './outbox.ts';
import { createTasks } from './tasks.ts';

export type Bridge = {
  url: string;
  port: number;
  health(): BridgeHealth;
  /** Returns whether a task has not ended, or its reports have not all been delivered. */
  hasOpenTasks(): boolean;
  close(): Promise<void>;
};
export type BridgeOptions = {
  /** The folder of the bridge's state, which no other bridge may use. Created if missing. */
  dir: string;
  host: string;
  /** 0 for a free port. */
  port: number;
  /** The secret that the server authenticates with. */
  secret: string;
  /** Serves TLS that proves to clients that the bridge has the secret. */
  provesSecret?: boolean;
  /** Further secrets to redact in the logs. */
  secrets?: string[];
  log: Logger;
  createEngine(approvals: Approvals): Engine;
};

/** Starts a bridge. It accepts tasks at once; its engine runs them as soon as it is ready. */
export async function createBridge(options: BridgeOptions): Promise<Bridge> {
  const { dir, host, port, secret, provesSecret = false, secrets = [], log, createEngine } = options;
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  chmodSync(dir, 0o700);
  const server = provesSecret ? createTlsServer(createSharedSecretOptions(secret)) : createServer();
  // First, since a bridge that cannot listen must neither deliver reports nor start processes.
  await once(server.listen(port, host), 'listening');
  // Closed from the bottom to the top.
  await using starting = new AsyncDisposableStack();
  starting.defer(() => void server.close());
  const approvals = starting.use(createApprovals(dir));
  const outbox = starting.use(
    createOutbox({
      ...{ dir, log },
      onAbandon: (taskId) => tasks.stop(taskId, 'abandoned'),
      onDecision: approvals.decide,
    }),
  );
  starting.defer(() => server.closeAllConnections());
  const engine = starting.use(createEngine(approvals));
  const attachments = starting.use(createAttachments({ dir, log }));
  const tasks = createTasks({ outbox, engine, approvals, attachments, log });
  const logs = () => readLogs(dir, [secret, ...secrets]);
  refuseMalformedRequests(server, (message): ErrorResponse => ({ reason: 'INVALID_INPUT', message }));
  server.on('request', createBridgeApp({ secret, tasks, outbox, engine, approvals, logs, log }));
  tasks.resume();
  starting.defer(() => {
    server.close();
    server.closeIdleConnections();
  });
  const running = starting.move();

  let closed: Promise<void> | undefined;
  const { port: actual } = server.address() as AddressInfo;
  return {
    url: `${provesSecret ? SHARED_SECRET_SCHEME : 'http:'}//${host.includes(':') ? `[${host}]` : host}:${actual}`,
    port: actual,
    health: engine.health,
    hasOpenTasks: outbox.hasOpenTasks,
    close: () => (closed ??= running.disposeAsync()),
  };
}
