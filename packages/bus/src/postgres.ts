import { Socket } from 'node:net';
import { delay } from '@it0/node/delay';
import { every } from '@it0/node/every';
import pg from 'pg';
import type { Logger } from 'pino';
import type { Bus } from './bus.ts';
import { createWire } from './wire.ts';

/** Maximum size of a delivery. Postgres limits payloads to 7,999 bytes, which include the sender and the channel. */
const MAX_BYTES = 7_800;
const RETRY_MS = 200;
const PING_INTERVAL_MS = 10_000;
const TIMEOUTS = { connectionTimeoutMillis: 5_000, query_timeout: 5_000 };

/**
 * Creates a bus between the servers on one database, by LISTEN and NOTIFY. Published events are already in the log, so
 * that NOTIFY need not wait for the disk. Rejects when the database cannot be reached; reconnects by itself after that.
 */
export async function createPostgresBus({ url, log }: { url: string; log: Logger }): Promise<Bus> {
  const connection = { connectionString: url, application_name: 'it0 bus', ...TIMEOUTS };
  const pool = new pg.Pool({ ...connection, max: 1, options: '-c synchronous_commit=off' });
  pool.on('error', () => {});
  const wire = createWire({
    maxBytes: MAX_BYTES,
    log,
    send: (messages) =>
      pool.query({
        name: 'notify',
        text: "SELECT pg_notify('it0', body) FROM unnest($1::text[]) body",
        values: [messages.map(({ body }) => body)],
      }),
  });
  let closed = false;
  let socket = new Socket();

  async function listen() {
    socket = new Socket();
    const client = new pg.Client({ ...connection, stream: () => socket });
    const ended = new Promise((resolve) => client.once('end', resolve));
    client.on('error', () => {});
    client.on('notification', ({ payload }) => wire.receive(payload!));
    try {
      await client.connect();
      await client.query('LISTEN it0');
    } catch (error) {
      socket.destroy();
      throw error;
    }
    return { ended };
  }

  /** Reconnects whenever the connection ends. */
  async function reconnect(connected: { ended: Promise<unknown> } | null) {
    await connected?.ended;
    if (closed) return;
    const next = await listen().catch(() => delay(RETRY_MS).then(() => null));
    if (next) wire.reportGap();
    return reconnect(next);
  }

  try {
    void reconnect(await listen());
  } catch (error) {
    await pool.end();
    throw error;
  }
  // Detects a connection that is lost without an error.
  const pings = every({ ms: PING_INTERVAL_MS, run: wire.ping, onError: () => socket.destroy() });

  return {
    ...wire,
    identity: 'postgres',
    async [Symbol.asyncDispose]() {
      closed = true;
      await Promise.all([pings[Symbol.asyncDispose](), wire[Symbol.asyncDispose]()]);
      socket.destroy();
      await pool.end();
    },
  };
}
