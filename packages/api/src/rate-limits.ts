import type { Pool } from 'pg';
import { RateLimiterMemory, RateLimiterPostgres, RateLimiterRes } from 'rate-limiter-flexible';
import type { Caller } from './context.ts';
import { tooManyRequests } from './errors.ts';

type From = Pick<Caller, 'ip'>;
type Limiter = RateLimiterMemory | RateLimiterPostgres;

/** Each rejects with TOO_MANY_REQUESTS, which tells when to try again. */
export type RateLimits = {
  /** Before a password or a code is checked: `who` is tried from one address. */
  signIn(caller: From, who: string): Promise<void>;
  /** After it was right. */
  signedIn(caller: From, who: string): Promise<void>;
  /** What anybody may ask for without signing in, and what makes accounts. */
  signUp(caller: From): Promise<void>;
  /** Of a person over all their tenants, as is `upload`: an account is the platform's, and its id no tenant's. */
  createTask(userId: string): Promise<void>;
  upload(userId: string): Promise<void>;
  /** Callbacks, and what bridges ask, with a token that is none, from one address. */
  badCallback(ip: string): Promise<void>;
  /** What the bridge of one instance on another host asks and answers. */
  bridge(bridge: { tenantId: string; instanceId: string }): Promise<void>;
};

const MINUTE = 60;
/** Files of one person. */
const uploadsPerMinute = 60;
/** Two for each request that a bridge fetches, and one every few seconds. */
const bridgeCallsPerMinute = 1_200;

/**
 * How often is too often. What guards accounts is counted in the database, for all servers and through a restart; what
 * guards this server's own work is counted here.
 */
export function createRateLimits({ pool, tasksPerMinute }: { pool: Pool; tasksPerMinute: number }): RateLimits {
  const kept = (keyPrefix: string, points: number, minutes: number) =>
    new RateLimiterPostgres({
      ...{ storeClient: pool, storeType: 'pool', schemaName: 'public', tableName: 'RateLimit', tableCreated: true },
      ...{ keyPrefix, points, duration: minutes * MINUTE },
    });
  const own = (points: number, seconds: number) => new RateLimiterMemory({ points, duration: seconds });

  const byWho = kept('who', 10, 10);
  const byAddress = kept('address', 100, 10);
  const bySignUp = kept('sign-up', 100, 10);
  const byUser = own(tasksPerMinute, MINUTE);
  const byUploader = own(uploadsPerMinute, MINUTE);
  const byBadToken = own(60, MINUTE);
  const byBridge = own(bridgeCallsPerMinute, MINUTE);
  const whoAt = ({ ip }: From, who: string) => `${ip}|${who.toLowerCase()}`;
  return {
    async signIn(caller, who) {
      await take(byAddress, caller.ip);
      await take(byWho, whoAt(caller, who));
    },
    async signedIn(caller, who) {
      await byWho.delete(whoAt(caller, who));
    },
    signUp: ({ ip }) => take(bySignUp, ip),
    createTask: (userId) => take(byUser, userId),
    upload: (userId) => take(byUploader, userId),
    badCallback: (ip) => take(byBadToken, ip),
    bridge: ({ tenantId, instanceId }) => take(byBridge, `${tenantId}/${instanceId}`),
  };
}

async function take(limiter: Limiter, key: string): Promise<void> {
  try {
    await limiter.consume(key);
  } catch (refused) {
    if (refused instanceof RateLimiterRes) throw tooManyRequests(Math.ceil(refused.msBeforeNext / 1_000));
    throw refused;
  }
}
