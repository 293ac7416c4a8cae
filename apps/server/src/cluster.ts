import type { Keys } from '@it0/api/auth/keys';
import type { Bus } from '@it0/bus/bus';
import { memoryBus } from '@it0/bus/memory';
import { postgresBus } from '@it0/bus/postgres';
import { redisBus } from '@it0/bus/redis';
import type { Trait } from '@it0/db/cluster';
import type { Logger } from 'pino';

/** Redis where there is one; what an own database offers; nothing for a database that only this server can have. */
export async function openBus({ redisUrl, databaseUrl, log }: BusOptions): Promise<Bus> {
  if (redisUrl) {
    return redisBus({ url: redisUrl, log }).catch((cause: Error) => {
      throw new Error(`The Redis of REDIS_URL cannot be used: ${cause.message}`, { cause });
    });
  }
  return databaseUrl ? postgresBus({ url: databaseUrl, log }) : memoryBus();
}
export type BusOptions = { redisUrl?: string; databaseUrl?: string; log: Logger };

/** Without the same bus, servers on one database would not hear each other. */
export const busTrait = ({ identity }: Bus): Trait => ({
  name: 'bus',
  value: identity,
  mismatchMessage:
    'Another server runs on this database, and the two would not hear each other. Give both the same REDIS_URL, or none.',
});

/** Each must be able to read what the others seal and sign. */
export const secretTrait = ({ current, accepted }: Keys): Trait => ({
  name: 'secret',
  value: current.kid,
  accepts: accepted.map(({ kid }) => kid),
  mismatchMessage:
    'Another server runs on this database with another secret. Give both the same IT0_SECRET; to change it, first give all of them the new one as IT0_SECRET_NEXT, then make it IT0_SECRET with the old one as IT0_SECRET_BEFORE.',
});
