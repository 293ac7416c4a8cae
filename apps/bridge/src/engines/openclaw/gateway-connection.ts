import { setTimeout as after } from 'node:timers/promises';
import { GatewayClientRequestTimeoutError } from '@openclaw/gateway-client';
import type { Logger } from 'pino';
import { type Connection, connect } from './connection.ts';
import { type GatewayEvent, parseEvent } from './gateway-event.ts';
import type { GatewayAddress } from './gateway-process.ts';
import { verifyPolicy } from './verify-policy.ts';

export type GatewayConnectionOptions = {
  dir: string;
  log: Logger;
  onEvent(event: { session: string; event: GatewayEvent }): void;
  /** Events may have been missed. */
  onGap(): void;
};

const retryMs = 2_000;
// Together less than ten seconds: so soon a link is known to be dead.
const watchMs = 3_000;
const answerWithinMs = 6_000;

/** Whether anything comes back: a link can die without a word, and OpenClaw's own client takes minutes to find out. */
const answers = (connection: Connection) =>
  connection.request('health', {}, { timeoutMs: answerWithinMs }).then(
    () => true,
    (error) => !(error instanceof GatewayClientRequestTimeoutError),
  );

/** Creates the connection to the current gateway. It is used only after the gateway's tool policy was verified. */
export function createGatewayConnection({ dir, log, onEvent, onGap: onLost }: GatewayConnectionOptions) {
  let connection: Connection | null = null;
  let isUp = false;
  let version: string | null = null;
  let detail: string | null = 'The OpenClaw gateway is starting.';
  let generation = 0;
  let lastSeenAt = 0;
  let changed = Promise.withResolvers<void>();
  const closing = new AbortController();
  const toAbort = new Set<string>();

  function change() {
    changed.resolve();
    changed = Promise.withResolvers();
  }

  function down(why: string) {
    detail = why;
    if (!isUp) return;
    isUp = false;
    if (!closing.signal.aborted) log.warn({ why }, 'gateway connection lost');
    onLost();
  }

  async function drop(why: string) {
    generation += 1;
    const old = connection;
    connection = null;
    down(why);
    await old?.close();
  }

  function up(to: Connection) {
    for (const sessionKey of toAbort) to.request('chat.abort', { sessionKey }).catch(() => toAbort.add(sessionKey));
    toAbort.clear();
    isUp = true;
    detail = null;
    log.info({ version }, 'gateway connected');
    change();
  }

  function connectTo(address: GatewayAddress, isCurrent: () => boolean): Connection {
    const made = connect(address, dir, {
      onConnect(gatewayVersion) {
        if (!isCurrent()) return;
        version = gatewayVersion;
        up(made);
      },
      onDisconnect: (why) => isCurrent() && down(`The OpenClaw gateway cannot be reached: ${why}`),
      onGap: onLost,
      onEvent(frame) {
        lastSeenAt = performance.now();
        const read = parseEvent(frame);
        if (read) onEvent(read);
      },
    });
    return made;
  }

  async function use(address: GatewayAddress): Promise<undefined> {
    const dropped = drop('The OpenClaw gateway is being connected to.');
    const mine = generation;
    await dropped;
    const isCurrent = () => mine === generation && !closing.signal.aborted;
    let made: Connection | undefined;
    while (isCurrent() && !made) {
      try {
        await verifyPolicy(address);
        // The first connection creates the device key, which fails on a full disk.
        if (isCurrent()) made = connectTo(address, isCurrent);
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        if (isCurrent()) down(`The OpenClaw gateway cannot be used: ${why}`);
        log.warn({ why }, 'gateway not used');
        await after(retryMs, undefined, { signal: closing.signal }).catch(() => {});
      }
    }
    if (!made) return;
    connection = made;
    while (isCurrent()) {
      await after(watchMs, undefined, { signal: closing.signal }).catch(() => {});
      if (!isUp || performance.now() - lastSeenAt < watchMs) continue;
      if (!(await answers(made)) && isCurrent()) return use(address);
    }
  }

  return {
    /** Leaves the gateway there was, if any, for this one, and connects to it anew whenever the link has died. */
    use,
    drop: (why: string) => void drop(why),
    current: () => (isUp ? connection : null),
    /** The connection as soon as it is up; null when the signal aborts or the link is closed first. */
    async connection(signal: AbortSignal) {
      const { promise: over, resolve } = Promise.withResolvers<void>();
      const stop = AbortSignal.any([signal, closing.signal]);
      if (stop.aborted) resolve();
      stop.addEventListener('abort', () => resolve(), { once: true });
      while (!isUp && !stop.aborted) await Promise.race([changed.promise, over]);
      return isUp && !closing.signal.aborted ? connection : null;
    },
    /** Stops whatever a session is at, as soon as there is contact and before anything else. */
    abortOnReconnect: (sessionKey: string) => void toAbort.add(sessionKey),
    isClosed: () => closing.signal.aborted,
    health: () => ({ ready: isUp, engine: { version, connected: isUp }, detail }),
    async close() {
      closing.abort();
      onLost();
      await drop('The bridge is stopping.');
    },
  };
}
