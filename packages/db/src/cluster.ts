import { delay } from '@it0/node/delay';
import { every } from '@it0/node/every';
import pg from 'pg';

/** A property that must be the same on all servers of a database. */
export type Trait = {
  name: string;
  value: string;
  /** Other values that are compatible, provided that their servers accept this value too. */
  accepts?: string[];
  /** Message for a server with an incompatible value. */
  mismatchMessage: string;
};

/** Membership of this server in the cluster: all servers on one database. */
export type Cluster = AsyncDisposable & {
  /** Returns why this server must refuse requests; null when there is no problem. */
  problem(): string | null;
  /**
   * Campaigns to be the leader, for work that only one server may do. Calls `onChange` when this server becomes the
   * leader and when another one has replaced it. Resolves after the first attempt.
   */
  campaign(onChange: (isLeader: boolean) => void): Promise<void>;
  /** Ends the campaign. Another server can be the leader at once. */
  resign(): Promise<void>;
};

/** Keys of advisory locks. */
const [JOIN_LOCK, LEADER_LOCK, MEMBER_LOCK] = [72_707_371, 72_707_372, 72_707_373];
const HEARTBEAT_MS = 500;
/** Postgres detects a lost machine within 25 seconds. */
const KEEPALIVES = '-c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3';

/** Options of `joinCluster`. */
export type ClusterOptions = {
  /** URL of the database. */
  url: string;
  traits: Trait[];
  /** Called once when the connection is lost or an incompatible server reconnected first. Joining is retried. */
  onError(error: unknown): void;
  /** Called when another server has left. */
  onServerLost?(): void;
};

class MismatchError extends Error {}

/**
 * Joins the cluster of servers on a database by advisory locks, which Postgres releases however a server ends. Rejects
 * while a server with an incompatible trait runs; retries for a moment, since the locks of a killed server are not
 * released at once.
 */
export async function joinCluster({ url, traits, onError, onServerLost }: ClusterOptions): Promise<Cluster> {
  const connection = { connectionString: url, application_name: 'it0 server', options: KEEPALIVES };

  async function join() {
    const client = new pg.Client({ ...connection, connectionTimeoutMillis: 5_000, query_timeout: 5_000 });
    client.on('error', () => {});
    try {
      await client.connect();
      await client.query('BEGIN');
      await client.query('SELECT pg_advisory_xact_lock($1)', [JOIN_LOCK]);
      for (const trait of traits) {
        if (await isIncompatible(client, trait)) throw new MismatchError(trait.mismatchMessage);
        const { name, value, accepts = [] } = trait;
        await client.query(ANNOUNCE, [name, value]);
        for (const other of accepts) await client.query(ANNOUNCE, [toAcceptedName(name), other]);
      }
      await client.query('SELECT pg_advisory_lock_shared($1, 0)', [MEMBER_LOCK]);
      await client.query('COMMIT');
      return client;
    } catch (error) {
      await client.end().catch(() => {});
      throw error;
    }
  }

  async function joinWithRetry(attempts = 10): Promise<pg.Client> {
    try {
      return await join();
    } catch (error) {
      if (!(error instanceof MismatchError) || attempts === 1) throw error;
    }
    await delay(100);
    return joinWithRetry(attempts - 1);
  }

  let client: pg.Client | null = await joinWithRetry();
  let problem: string | null = null;
  let onLeaderChange: ((isLeader: boolean) => void) | undefined;
  /** The last value given to `onLeaderChange`; a lost connection alone does not change it. */
  let isLeader = false;
  /** True while the current connection holds the lock. */
  let hasLock = false;
  let count = await countServers(client);

  async function heartbeat() {
    client ??= await join();
    problem = null;
    const before = count;
    count = await countServers(client);
    if (count < before) onServerLost?.();
    if (!onLeaderChange || hasLock) return;
    const { rows } = await client.query<{ acquired: boolean }>('SELECT pg_try_advisory_lock($1) AS acquired', [
      LEADER_LOCK,
    ]);
    hasLock = rows[0]!.acquired;
    if (hasLock !== isLeader) onLeaderChange?.(hasLock);
    isLeader = hasLock;
  }
  const loop = every({
    ms: HEARTBEAT_MS,
    run: heartbeat,
    onError(error) {
      if (!problem) onError(error);
      problem = error instanceof MismatchError ? error.message : 'The database cannot be reached.';
      void client?.end().catch(() => {});
      client = null;
      hasLock = false;
    },
  });
  return {
    problem: () => problem,
    campaign(onChange) {
      onLeaderChange = onChange;
      return loop.wake();
    },
    async resign() {
      onLeaderChange = undefined;
      // A pass may be acquiring the lock.
      await loop.wake();
      if (hasLock) await client?.query('SELECT pg_advisory_unlock($1)', [LEADER_LOCK]);
      hasLock = isLeader = false;
    },
    async [Symbol.asyncDispose]() {
      await loop[Symbol.asyncDispose]();
      await client?.end();
    },
  };
}

const HERE = `
  "locktype" = 'advisory' AND "database" = (SELECT "oid" FROM pg_database WHERE "datname" = current_database())`;

async function countServers(client: pg.Pool | pg.Client): Promise<number> {
  const { rows } = await client.query<{ count: number }>(
    `SELECT count(DISTINCT "pid")::int AS "count" FROM pg_locks WHERE "classid" = $1::oid AND ${HERE}`,
    [MEMBER_LOCK],
  );
  return rows[0]!.count;
}

/** Announces a trait to the other servers for as long as the connection lives. */
const ANNOUNCE = 'SELECT pg_advisory_lock_shared(hashtext($1), hashtext($2))';
const toAcceptedName = (name: string) => `${name} accepted`;

/** Formats SQL for the hash of a text as `pg_locks` has it: unsigned. */
const formatLockKey = (text: string) => `hashtext(${text})::bigint & x'ffffffff'::bigint`;

/** Finds servers with a different value of a trait, except those where each side accepts the value of the other. */
const FIND_INCOMPATIBLE = `
  SELECT FROM pg_locks other WHERE ${HERE} AND "classid"::bigint = ${formatLockKey('$1')} AND "objid"::bigint <> ${formatLockKey('$2')}
    AND NOT (
      EXISTS (SELECT FROM unnest($3::text[]) value WHERE "objid"::bigint = ${formatLockKey('value')})
      AND EXISTS (
        SELECT FROM pg_locks WHERE ${HERE} AND "pid" = other."pid"
          AND "classid"::bigint = ${formatLockKey('$4')} AND "objid"::bigint = ${formatLockKey('$2')}))`;

async function isIncompatible(client: pg.Pool | pg.Client, { name, value, accepts = [] }: Trait): Promise<boolean> {
  const { rowCount } = await client.query(FIND_INCOMPATIBLE, [name, value, accepts, toAcceptedName(name)]);
  return rowCount !== 0;
}

/** Counts the servers on a database, and returns the messages for a server that would join with these traits. */
export async function inspectCluster(pool: pg.Pool, traits: Trait[]): Promise<{ count: number; objections: string[] }> {
  const count = await countServers(pool);
  const objections: string[] = [];
  for (const trait of traits) if (await isIncompatible(pool, trait)) objections.push(trait.mismatchMessage);
  return { count, objections };
}
