import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';

/** What all servers on one database must have in common, and what to say to one that differs. */
export type Trait = {
  name: string;
  value: string;
  /** Other values that go with this one, as long as who has them says the same. */
  accepts?: string[];
  mismatchMessage: string;
};

export type Servers = {
  /** Why this server must not answer, though it runs; null when all is well. */
  trouble(): string | null;
  /**
   * From now on this server is ready to be the one of them that does what only one may. `onChange` is told when it
   * becomes that, and when another one has taken over. Resolves after the first try.
   */
  lead(onChange: (leads: boolean) => void): Promise<void>;
  close(): Promise<void>;
};

const [mutex, leadLock, present] = [72_707_371, 72_707_372, 72_707_373];
const beatMs = 500;
/** That a server's machine is gone is noticed within half a minute. */
const keepalives = '-c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3';

export type ServersOptions = {
  url: string;
  traits: Trait[];
  /** Told once, when contact is lost or a server that differs was faster to come back; it is tried again all the time. */
  onTrouble(error: unknown): void;
  /** Told when another server is gone. */
  onFewer?(): void;
};

class Refused extends Error {}

/**
 * Joins the servers that run on this database, by advisory locks: they go when the server does, however it ends. Rejects
 * while one runs that differs in a trait; the short wait is for one that was killed a moment ago.
 */
export async function joinCluster({ url, traits, onTrouble, onFewer }: ServersOptions): Promise<Servers> {
  const connection = { connectionString: url, application_name: 'it0 server', options: keepalives };

  async function join() {
    const client = new pg.Client({ ...connection, connectionTimeoutMillis: 5_000, query_timeout: 5_000 });
    client.on('error', () => {});
    try {
      await client.connect();
      await client.query('BEGIN');
      await client.query('SELECT pg_advisory_xact_lock($1)', [mutex]);
      for (const trait of traits) {
        if (await isRefused(client, trait)) throw new Refused(trait.mismatchMessage);
        const { name, value, accepts = [] } = trait;
        await client.query(SAY, [name, value]);
        for (const other of accepts) await client.query(SAY, [acceptedAs(name), other]);
      }
      await client.query('SELECT pg_advisory_lock_shared($1, 0)', [present]);
      await client.query('COMMIT');
      return client;
    } catch (error) {
      await client.end().catch(() => {});
      throw error;
    }
  }

  async function joinPatiently(attempts = 10): Promise<pg.Client> {
    try {
      return await join();
    } catch (error) {
      if (!(error instanceof Refused) || attempts === 1) throw error;
    }
    await sleep(100);
    return joinPatiently(attempts - 1);
  }

  let client: pg.Client | null = await joinPatiently();
  let trouble: string | null = null;
  let onLead: ((leads: boolean) => void) | undefined;
  /** What it was told last, and whether the lock is held on the connection of now. */
  let [leads, held] = [false, false];
  /** How many there were a moment ago. */
  let count = await countServers(client);

  async function beat() {
    try {
      client ??= await join();
      trouble = null;
      const before = count;
      count = await countServers(client);
      if (count < before) onFewer?.();
      if (!onLead || held) return;
      const { rows } = await client.query<{ held: boolean }>('SELECT pg_try_advisory_lock($1) AS held', [leadLock]);
      held = rows[0]!.held;
      if (held !== leads) onLead(held);
      leads = held;
    } catch (error) {
      if (!trouble) onTrouble(error);
      trouble = error instanceof Refused ? error.message : 'The database cannot be reached.';
      void client?.end().catch(() => {});
      [client, held] = [null, false];
    }
  }

  let beating = Promise.resolve();
  const next = () => (beating = beating.then(beat));
  const timer = setInterval(() => void next(), beatMs);
  return {
    trouble: () => trouble,
    lead(onChange) {
      onLead = onChange;
      return next();
    },
    async close() {
      clearInterval(timer);
      await beating;
      await client?.end();
    },
  };
}

const HERE = `
  "locktype" = 'advisory' AND "database" = (SELECT "oid" FROM pg_database WHERE "datname" = current_database())`;

async function countServers(client: pg.Pool | pg.Client): Promise<number> {
  const { rows } = await client.query<{ count: number }>(
    `SELECT count(DISTINCT "pid")::int AS "count" FROM pg_locks WHERE "classid" = $1::oid AND ${HERE}`,
    [present],
  );
  return rows[0]!.count;
}

/** Tells the others of a trait, for as long as the connection lasts. */
const SAY = 'SELECT pg_advisory_lock_shared(hashtext($1), hashtext($2))';
const acceptedAs = (name: string) => `${name} accepted`;

/** A text as a lock's key is shown: without its sign. */
const shown = (text: string) => `hashtext(${text})::bigint & x'ffffffff'::bigint`;

/** Servers that differ in a trait, but for those that accept this value and have one that is accepted. */
const OTHERS = `
  SELECT FROM pg_locks other WHERE ${HERE} AND "classid"::bigint = ${shown('$1')} AND "objid"::bigint <> ${shown('$2')}
    AND NOT (
      EXISTS (SELECT FROM unnest($3::text[]) value WHERE "objid"::bigint = ${shown('value')})
      AND EXISTS (
        SELECT FROM pg_locks WHERE ${HERE} AND "pid" = other."pid"
          AND "classid"::bigint = ${shown('$4')} AND "objid"::bigint = ${shown('$2')}))`;

async function isRefused(client: pg.Pool | pg.Client, { name, value, accepts = [] }: Trait): Promise<boolean> {
  const { rowCount } = await client.query(OTHERS, [name, value, accepts, acceptedAs(name)]);
  return rowCount !== 0;
}

/** How many servers run on this database now, and what they would say to one with these traits. */
export async function findClusterServers(
  pool: pg.Pool,
  traits: Trait[],
): Promise<{ count: number; objections: string[] }> {
  const count = await countServers(pool);
  const objections: string[] = [];
  for (const trait of traits) if (await isRefused(pool, trait)) objections.push(trait.mismatchMessage);
  return { count, objections };
}
