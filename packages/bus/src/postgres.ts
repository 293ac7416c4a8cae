import { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { Logger } from 'pino';
import type { Bus } from './bus.ts';
import { createWire } from './wire.ts';

/** Postgres takes payloads of less than 8,000 bytes; ours begin with who sent it and where to. */
const mostBytes = 7_800;
const retryMs = 200;
const watchMs = 10_000;
const timeouts = { connectionTimeoutMillis: 5_000, query_timeout: 5_000 };

/**
 * Servers on one database hear each other by LISTEN and NOTIFY, with nothing to configure. What is published stands in
 * the log already, so nobody waits for the disk here. Rejects when the database cannot be reached; once it runs, it
 * comes back by itself.
 */
export async function createPostgresBus({ url, log }: { url: string; log: Logger }): Promise<Bus> {
  const connection = { connectionString: url, application_name: 'it0 bus', ...timeouts };
  const pool = new pg.Pool({ ...connection, max: 1, options: '-c synchronous_commit=off' });
  pool.on('error', () => {});
  const wire = createWire({
    mostBytes,
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

  async function comeBack(listening: { ended: Promise<unknown> } | null) {
    await listening?.ended;
    if (closed) return;
    const again = await listen().catch(() => sleep(retryMs, null));
    if (again) wire.missed();
    return comeBack(again);
  }

  try {
    void comeBack(await listen());
  } catch (error) {
    await pool.end();
    throw error;
  }
  // A connection can die without a word.
  const watch = setInterval(() => wire.ping().catch(() => socket.destroy()), watchMs);

  return {
    ...wire,
    identity: 'postgres',
    async close() {
      closed = true;
      clearInterval(watch);
      await wire.close();
      socket.destroy();
      await pool.end();
    },
  };
}
