import { networkOf } from '@it0/node/address';
import type { Pool } from 'pg';
import { RateLimiterMemory, RateLimiterPostgres, RateLimiterRes } from 'rate-limiter-flexible';
import { newDeviceToken, readDeviceToken } from './auth/device/device-token.ts';
import type { Keys } from './auth/keys.ts';
import type { Caller } from './context.ts';
import { AppError, tooManyRequests } from './errors.ts';
import { createTokenBuckets } from './token-buckets.ts';
import { createTurns } from './turns.ts';

type From = Pick<Caller, 'ip' | 'device' | 'login' | 'keepDevice'>;
type Limiter = RateLimiterMemory | RateLimiterPostgres;

/** Each rejects with TOO_MANY_REQUESTS, which tells when to try again. */
export type RateLimits = {
  /**
   * Counts an attempt before a password or a code is checked. `who` allows ten attempts in ten minutes per network, and
   * thirty in an hour from all networks. A known device has ten attempts of its own.
   */
  signIn(caller: From, who: string): Promise<void>;
  /** Records a successful attempt, after which the browser is a known device. */
  signedIn(caller: From, who: string): Promise<void>;
  /** What anybody may ask for without signing in, and what makes accounts. */
  signUp(caller: From): Promise<void>;
  /** Runs a call within the rate and concurrency limits of `who`. */
  call<T>(who: string, work: () => Promise<T>): Promise<T>;
  /** Counts a call that is not queued, such as a subscription. */
  begin(who: string): Promise<void>;
  /** Per person over all their tenants, like `upload`, since accounts belong to the platform. */
  createTask(userId: string): Promise<void>;
  upload(userId: string): Promise<void>;
  /** Callbacks, and what bridges ask, with a token that is none, from one address. */
  badCallback(ip: string): Promise<void>;
  /** Callbacks of the tasks of one instance, or of iAgent's in one tenant. Throws instead of rejecting. */
  callback(task: { tenantId: string; instanceId: string | null }): void;
  /** What the bridge of one instance on another host asks and answers. */
  bridge(bridge: { tenantId: string; instanceId: string }): Promise<void>;
};

const MINUTE = 60;
/** Files of one person. */
const uploadsPerMinute = 60;
/** Callbacks of one bridge for each call of a person. A bridge sends up to 1,500 a minute for each task that runs. */
const CALLBACKS_PER_CALL = 50;
/** Two for each request that a bridge fetches, and one every few seconds. */
const bridgeCallsPerMinute = 1_200;

type Options = { pool: Pool; keys: Keys; tasksPerMinute: number; callsPerMinute: number };

/** Concurrent calls of one person, and how many more are queued. */
const turns = { atOnce: 24, waiting: 300 };

/**
 * How often is too often. What guards accounts is counted in the database, for all servers and through a restart; what
 * guards this server's own work is counted here.
 */
export function createRateLimits({ pool, keys, tasksPerMinute, callsPerMinute }: Options): RateLimits {
  const kept = (keyPrefix: string, points: number, minutes: number) =>
    new RateLimiterPostgres({
      ...{ storeClient: pool, storeType: 'pool', schemaName: 'public', tableName: 'RateLimit', tableCreated: true },
      ...{ keyPrefix, points, duration: minutes * MINUTE },
    });
  const own = (points: number, seconds: number) => new RateLimiterMemory({ points, duration: seconds });

  const byWho = kept('who', 10, 10);
  const byDevice = kept('device', 10, 10);
  const byNetwork = kept('address', 100, 10);
  /** Per allocation of a provider's customer, who can switch between the networks in it. */
  const bySite = kept('site', 1_000, 10);
  const byAccount = kept('account', 30, 60);
  const bySignUp = kept('sign-up', 100, 10);
  const byUser = own(tasksPerMinute, MINUTE);
  const byUploader = own(uploadsPerMinute, MINUTE);
  const byBadToken = own(60, MINUTE);
  const byBridge = own(bridgeCallsPerMinute, MINUTE);
  const takeCall = createTokenBuckets(callsPerMinute);
  const takeCallback = createTokenBuckets(CALLBACKS_PER_CALL * callsPerMinute);
  const takeTurn = createTurns(turns);
  const whoAt = ({ ip }: From, who: string) => `${networkOf(ip, 64)}|${who.toLowerCase()}`;
  /** Returns the key of a known source of this account: its login or its device token. */
  function knownAt({ login, device }: From, who: string): string | null {
    if (login?.email === who) return `login ${login.id}`;
    const id = readDeviceToken(keys, device, who);
    return id && `device ${id}`;
  }
  return {
    async signIn(caller, who) {
      const known = knownAt(caller, who);
      if (known) return take(byDevice, known);
      await take(byNetwork, networkOf(caller.ip, 64));
      await take(bySite, networkOf(caller.ip, 48));
      await take(byWho, whoAt(caller, who));
      await take(byAccount, who.toLowerCase(), signInPaused);
    },
    async signedIn(caller, who) {
      const known = knownAt(caller, who);
      if (known) await byDevice.delete(known);
      else {
        await byWho.delete(whoAt(caller, who));
        await byAccount.reward(who.toLowerCase());
      }
      if (!readDeviceToken(keys, caller.device, who)) caller.keepDevice(newDeviceToken(keys, who));
    },
    signUp: ({ ip }) => take(bySignUp, networkOf(ip, 64)),
    async call(who, work) {
      takeCall(who);
      return takeTurn(who, work);
    },
    begin: async (who) => takeCall(who),
    createTask: (userId) => take(byUser, userId),
    upload: (userId) => take(byUploader, userId),
    badCallback: (ip) => take(byBadToken, networkOf(ip, 64)),
    callback: ({ tenantId, instanceId }) => takeCallback(`${tenantId}/${instanceId}`),
    bridge: ({ tenantId, instanceId }) => take(byBridge, `${tenantId}/${instanceId}`),
  };
}

const signInPaused = (retryAfter: number) =>
  new AppError(
    'SIGN_IN_PAUSED',
    'Too many tries for this account. Sign in on a device that you signed in on before, ask for a new password by mail or for a link from an administrator, or try again later.',
    undefined,
    { retryAfter },
  );

async function take(limiter: Limiter, key: string, refusal = tooManyRequests): Promise<void> {
  try {
    await limiter.consume(key);
  } catch (refused) {
    if (refused instanceof RateLimiterRes) throw refusal(Math.ceil(refused.msBeforeNext / 1_000));
    throw refused;
  }
}
