import { delay } from '@it0/node/delay';
import { GatewayClientRequestTimeoutError } from '@openclaw/gateway-client';
import type { Logger } from 'pino';
import { type Connection, connect } from './connection.ts';
import { type GatewayEvent, parseEvent } from './gateway-event.ts';
import type { GatewayAddress } from './gateway-process.ts';
import { verifyPolicy } from './verify-policy.ts';
import { KEEP_WARM_MS, keepWarm } from './warm-up.ts';

export type GatewayConnectionOptions = {
  dir: string;
  log: Logger;
  onEvent(event: { session: string; event: GatewayEvent }): void;
  /** Prepares a gateway before its first use. */
  warmUp?(connection: Connection): Promise<void>;
  /** Called when events may have been missed. */
  onGap(): void;
};

const RETRY_MS = 2_000;
// Together less than ten seconds, the time to detect a dead connection.
const PROBE_INTERVAL_MS = 3_000;
const PROBE_TIMEOUT_MS = 6_000;

/** Returns whether the gateway responds. OpenClaw's client takes minutes to detect a dead connection. */
const probe = (connection: Connection) =>
  connection.request('health', {}, { timeoutMs: PROBE_TIMEOUT_MS }).then(
    () => true,
    (error) => !(error instanceof GatewayClientRequestTimeoutError),
  );

/** Creates the connection to the current gateway. It is used only after the gateway's tool policy was verified. */
export function createGatewayConnection({ dir, log, onEvent, onGap, warmUp }: GatewayConnectionOptions) {
  let connection: Connection | null = null;
  let isUp = false;
  let version: string | null = null;
  let detail: string | null = 'The OpenClaw gateway is starting.';
  /** True until the gateway is used or has failed. */
  let isStarting = true;
  let generation = 0;
  let lastSeenAt = 0;
  let changed = Promise.withResolvers<void>();
  const closing = new AbortController();
  const sessionsToAbort = new Set<string>();

  function notifyChange() {
    changed.resolve();
    changed = Promise.withResolvers();
  }

  function setDown(cause: string) {
    detail = cause;
    isStarting = false;
    if (!isUp) return;
    isUp = false;
    if (!closing.signal.aborted) log.warn({ cause }, 'gateway connection lost');
    onGap();
  }

  function setPhase(description: string) {
    isStarting = true;
    detail = description;
  }

  async function drop(cause: string) {
    generation += 1;
    const old = connection;
    connection = null;
    setDown(cause);
    await old?.close();
  }

  function setUp(to: Connection) {
    for (const sessionKey of sessionsToAbort)
      to.request('chat.abort', { sessionKey }).catch(() => sessionsToAbort.add(sessionKey));
    sessionsToAbort.clear();
    isUp = true;
    isStarting = false;
    detail = null;
    log.info({ version }, 'gateway connected');
    notifyChange();
  }

  /** Prepares the gateway, then allows its use. A gateway that cannot be prepared is used all the same. */
  async function prepare(candidate: Connection) {
    setPhase('The OpenClaw gateway is ready and loads what the first message needs.');
    const startedAt = performance.now();
    await warmUp?.(candidate).catch((error: unknown) => log.warn({ err: error }, 'the warm-up failed'));
    log.info({ tookMs: Math.round(performance.now() - startedAt) }, 'gateway warmed up');
  }

  function openConnection(address: GatewayAddress, isCurrent: () => boolean): Connection {
    let prepared: Promise<void> | undefined;
    /** Counts connects and disconnects, so that a lost connection is not used once it is prepared. */
    let connects = 0;
    const candidate = connect(address, dir, {
      onConnect(gatewayVersion) {
        if (!isCurrent()) return;
        version = gatewayVersion;
        connects += 1;
        const connect = connects;
        prepared ??= prepare(candidate);
        void prepared.then(() => isCurrent() && connect === connects && setUp(candidate));
      },
      onDisconnect(cause) {
        connects += 1;
        if (isCurrent()) setDown(`The OpenClaw gateway is unreachable: ${cause}`);
      },
      onGap,
      onEvent(frame) {
        lastSeenAt = performance.now();
        const read = parseEvent(frame);
        if (read) onEvent(read);
      },
    });
    return candidate;
  }

  async function use(address: GatewayAddress): Promise<undefined> {
    const dropped = drop('Connecting to the OpenClaw gateway.');
    isStarting = true;
    const ownGeneration = generation;
    await dropped;
    const isCurrent = () => ownGeneration === generation && !closing.signal.aborted;
    let candidate: Connection | undefined;
    while (isCurrent() && !candidate) {
      try {
        await verifyPolicy(address);
        // The first connection creates the device key, which fails on a full disk.
        if (isCurrent()) candidate = openConnection(address, isCurrent);
      } catch (error) {
        const cause = error instanceof Error ? error.message : String(error);
        if (isCurrent()) setDown(`The OpenClaw gateway cannot be used: ${cause}`);
        log.warn({ cause }, 'cannot use the gateway');
        await delay(RETRY_MS, closing.signal);
      }
    }
    if (!candidate) return;
    connection = candidate;
    let warmedAt = performance.now();
    while (isCurrent()) {
      await delay(PROBE_INTERVAL_MS, closing.signal);
      if (isUp && performance.now() - warmedAt > KEEP_WARM_MS) {
        warmedAt = performance.now();
        keepWarm(candidate).catch((error: unknown) =>
          log.warn({ err: error }, 'the gateway did not respond to a request that keeps it warm'),
        );
      }
      if (!isUp || performance.now() - lastSeenAt < PROBE_INTERVAL_MS) continue;
      if (!(await probe(candidate)) && isCurrent()) return use(address);
    }
  }

  return {
    /** Switches to a gateway, and reconnects whenever the connection is dead. */
    use,
    drop: (cause: string) => void drop(cause),
    /** Describes the progress of a start. */
    setPhase,
    current: () => (isUp ? connection : null),
    /** Waits for the connection. Resolves with null if the signal aborts or the gateway connection is closed first. */
    async waitForConnection(signal: AbortSignal) {
      const { promise: stopped, resolve } = Promise.withResolvers<void>();
      const stop = AbortSignal.any([signal, closing.signal]);
      if (stop.aborted) resolve();
      stop.addEventListener('abort', () => resolve(), { once: true });
      while (!isUp && !stop.aborted) await Promise.race([changed.promise, stopped]);
      return isUp && !closing.signal.aborted ? connection : null;
    },
    /** Aborts the run of a session after the next connect, before anything else is sent. */
    abortOnReconnect: (sessionKey: string) => void sessionsToAbort.add(sessionKey),
    isClosed: () => closing.signal.aborted,
    health: () => ({
      ready: isUp,
      ...(isStarting && { starting: true }),
      engine: { version, connected: isUp },
      detail,
    }),
    async [Symbol.asyncDispose]() {
      closing.abort();
      onGap();
      await drop('The bridge is stopping.');
    },
  };
}
