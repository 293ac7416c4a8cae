import type { Keys } from '@it0/api/keys';
import type { Bus } from '@it0/bus/bus';
import { createMemoryBus } from '@it0/bus/memory';
import { createPostgresBus } from '@it0/bus/postgres';
import { createRedisBus } from '@it0/bus/redis';
import type { Trait } from '@it0/db/cluster';
import type { Logger } from 'pino';

/**
 * Opens the bus: Redis when configured, otherwise an external PostgreSQL. The embedded database has only one server, so
 * memory is enough.
 */
export async function openBus({ redisUrl, databaseUrl, log }: BusOptions): Promise<Bus> {
  if (redisUrl) {
    return createRedisBus({ url: redisUrl, log }).catch((cause: Error) => {
      throw new Error(`Cannot use the Redis at REDIS_URL: ${cause.message}`, { cause });
    });
  }
  return databaseUrl ? createPostgresBus({ url: databaseUrl, log }) : createMemoryBus();
}
export type BusOptions = { redisUrl?: string; databaseUrl?: string; log: Logger };

/** Cluster trait for the bus: servers on one database must share it to receive each other’s events. */
export const toBusTrait = ({ identity }: Bus): Trait => ({
  name: 'bus',
  value: identity,
  mismatchMessage:
    'Another server on this database uses another bus, so neither would receive the other’s events. Set the same REDIS_URL on both, or on neither.',
});

/** Cluster trait for the secret: each server must be able to decrypt and verify the data of the others. */
export const toSecretTrait = ({ current, accepted }: Keys): Trait => ({
  name: 'secret',
  value: current.kid,
  accepts: accepted.map(({ kid }) => kid),
  mismatchMessage:
    'Another server on this database uses another secret. Set the same IT0_SECRET on both. To rotate it, first set the new secret as IT0_SECRET_NEXT on all servers, then as IT0_SECRET with the old one as IT0_SECRET_BEFORE.',
});
