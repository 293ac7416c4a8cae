import { setTimeout as sleep } from 'node:timers/promises';
import type { Bus } from '@it0/bus/bus';
import type { Servers } from '@it0/db/cluster';
import type { Database } from '@it0/db/database';

/** What this server needs to answer, and of each what is wrong with it; null when nothing is. */
export type Readiness = Record<'database' | 'migrations' | 'bus' | 'servers', string | null>;

export type ReadinessParts = { db: Database; bus: Bus; servers: Pick<Servers, 'trouble'> };

const freshMs = 1_000;

/** Looks at most once a second, however often it is asked. */
export function readiness(parts: ReadinessParts): () => Promise<Readiness> {
  let last: Promise<Readiness> | undefined;
  let lookedAt = 0;
  return () => {
    if (!last || Date.now() - lookedAt > freshMs) {
      lookedAt = Date.now();
      last = look(parts);
    }
    return last;
  };
}

async function look({ db, bus, servers }: ReadinessParts): Promise<Readiness> {
  const pending = Promise.race([db.pending(), tooLate()]).then(
    (names) => ({ database: null, migrations: names.length > 0 ? `${names.length} are not applied.` : null }),
    () => ({ database: 'It cannot be reached.', migrations: 'Nobody knows without the database.' }),
  );
  const heard = bus.ping().then(
    () => null,
    () => 'Nothing comes back over it.',
  );
  return { ...(await pending), bus: await heard, servers: servers.trouble() };
}

const tooLate = () =>
  sleep(3_000, undefined, { ref: false }).then(() => Promise.reject(new Error('It took too long.')));
