import type { Bus } from '@it0/bus/bus';
import type { Database } from '@it0/db/database';
import type { Logger } from 'pino';
import type { User } from './caller.ts';
import type { Keys } from './keys.ts';

/** Dependencies of nearly all functions. Layers above add their own, see `AuthServices` and `AgentServices`. */
export type Core = {
  db: Database;
  bus: Bus;
  keys: Keys;
  log: Logger;
  /** Tenants whose schema could not be migrated when this server started. */
  refusedTenants: ReadonlySet<string>;
};

/** Context of functions in a tenant. */
export type UserContext = Core & { user: User };
