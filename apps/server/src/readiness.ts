import { setTimeout as sleep } from 'node:timers/promises';
import type { Bus } from '@it0/bus/bus';
import type { Cluster } from '@it0/db/cluster';
import type { Database } from '@it0/db/database';

/** Problems of the services that this server depends on; null for a service that works. */
export type Readiness = Record<'database' | 'migrations' | 'bus' | 'servers', string | null>;

export type ReadinessDeps = { db: Database; bus: Bus; cluster: Pick<Cluster, 'problem'> };

const CACHE_MS = 1_000;
const PROBE_MS = 3_000;

/** Returns a readiness check that caches its result, so frequent probes cost little. */
export function createReadinessCheck(deps: ReadinessDeps): () => Promise<Readiness> {
  let last: Promise<Readiness> | undefined;
  let checkedAt = 0;
  return () => {
    if (!last || Date.now() - checkedAt > CACHE_MS) {
      checkedAt = Date.now();
      last = check(deps);
    }
    return last;
  };
}

async function check({ db, bus, cluster }: ReadinessDeps): Promise<Readiness> {
  const pending = Promise.race([db.pending(), rejectLate()]).then(
    (names) => ({
      database: null,
      migrations: names.length > 0 ? `${names.length} migrations have not been applied.` : null,
    }),
    () => ({
      database: 'The database cannot be reached.',
      migrations: 'Unknown while the database cannot be reached.',
    }),
  );
  const ping = bus.ping().then(
    () => null,
    () => 'No response over the bus.',
  );
  return { ...(await pending), bus: await ping, servers: cluster.problem() };
}

const rejectLate = () =>
  sleep(PROBE_MS, undefined, { ref: false }).then(() =>
    Promise.reject(new Error('The database did not respond in time.')),
  );
