import { toNetwork } from '@it0/node/address';
import type { Pool } from 'pg';
import { RateLimiterMemory, RateLimiterPostgres, RateLimiterRes } from 'rate-limiter-flexible';
import type { Caller } from '../caller.ts';
import { createConcurrencyLimit } from '../concurrency-limit.ts';
import { AppError, tooManyRequests } from '../errors.ts';
import type { Keys } from '../keys.ts';
import { createTokenBuckets } from '../token-buckets.ts';
import { newDeviceToken, readDeviceToken } from './device/device-token.ts';

type Source = Pick<Caller, 'ip' | 'device' | 'login' | 'setDeviceCookie'>;
type Limiter = RateLimiterMemory | RateLimiterPostgres;

/**
 * Rate limits by purpose. Each rejects with TOO_MANY_REQUESTS and `retryAfter`. `signIn` rejects with SIGN_IN_PAUSED when
 * an account has too many attempts from all networks together.
 */
export type RateLimits = {
  /**
   * Counts an attempt before a password or a code is checked. A subject, such as an email address, has ten attempts in
   * ten minutes per network, and thirty in an hour from all networks. A known device has ten attempts of its own.
   */
  signIn(caller: Source, subject: string): Promise<void>;
  /** Records a successful attempt, after which the browser is a known device. */
  recordSignIn(caller: Source, subject: string): Promise<void>;
  /** Counts per network: sign-ups, opened links, reset emails, sign-ins with the identity provider, new tenants. */
  signUp(caller: Source): Promise<void>;
  /** Runs a call within the rate and concurrency limits of a caller. */
  call<T>(caller: string, work: () => Promise<T>): Promise<T>;
  /** Counts a call that is not queued, such as a subscription. */
  countCall(caller: string): Promise<void>;
  /** Counts tasks per person over all their tenants, since accounts belong to the platform. */
  createTask(userId: string): Promise<void>;
  /** Counts uploads per person over all their tenants. */
  upload(userId: string): Promise<void>;
  /** Counts recordings per person over all their tenants. */
  transcribe(userId: string): Promise<void>;
  /** Counts requests of bridges with an invalid token, per network. */
  badCallback(ip: string): Promise<void>;
  /** Counts callbacks per instance, or per tenant for iAgent. Throws instead of rejecting. */
  callback(task: { tenantId: string; instanceId: string | null }): void;
  /** Counts check-ins and polled requests of a remote bridge. */
  bridge(bridge: { tenantId: string; instanceId: string }): Promise<void>;
};

const MINUTE_S = 60;
/** For each person. */
const UPLOADS_PER_MINUTE = 60;
const RECORDINGS_PER_MINUTE = 20;
/** Callbacks allowed per call of a person. A bridge sends up to 1,500 a minute for each task that runs. */
const CALLBACKS_PER_CALL = 50;
/** A remote bridge makes two calls for each request that it fetches, and a check-in every few seconds. */
const BRIDGE_CALLS_PER_MINUTE = 1_200;

type Options = { pool: Pool; keys: Keys; tasksPerMinute: number; callsPerMinute: number };

/** Limits for the calls of one person. */
const CALLS = { concurrency: 24, maxQueued: 300 };

/**
 * Creates the rate limits. Limits that protect accounts are counted in the database, so they hold across servers and
 * restarts. Limits that protect the work of this server are counted in memory.
 */
export function createRateLimits({ pool, keys, tasksPerMinute, callsPerMinute }: Options): RateLimits {
  const createSharedLimiter = (keyPrefix: string, points: number, minutes: number) =>
    new RateLimiterPostgres({
      ...{ storeClient: pool, storeType: 'pool', schemaName: 'public', tableName: 'RateLimit', tableCreated: true },
      ...{ keyPrefix, points, duration: minutes * MINUTE_S },
      // The job `expired-rows` does that.
      clearExpiredByTimeout: false,
    });
  const createLocalLimiter = (perMinute: number) => new RateLimiterMemory({ points: perMinute, duration: MINUTE_S });

  const bySubject = createSharedLimiter('who', 10, 10);
  const byDevice = createSharedLimiter('device', 10, 10);
  const byNetwork = createSharedLimiter('address', 100, 10);
  /** Limits a whole /48, since its holder can switch between the networks in it. */
  const byAllocation = createSharedLimiter('site', 1_000, 10);
  const byAccount = createSharedLimiter('account', 30, 60);
  const bySignUp = createSharedLimiter('sign-up', 100, 10);
  const byUser = createLocalLimiter(tasksPerMinute);
  const byUploader = createLocalLimiter(UPLOADS_PER_MINUTE);
  const bySpeaker = createLocalLimiter(RECORDINGS_PER_MINUTE);
  const byBadToken = createLocalLimiter(60);
  const byBridge = createLocalLimiter(BRIDGE_CALLS_PER_MINUTE);
  const takeCall = createTokenBuckets(callsPerMinute);
  const takeCallback = createTokenBuckets(CALLBACKS_PER_CALL * callsPerMinute);
  const limitConcurrency = createConcurrencyLimit(CALLS);
  const toNetworkKey = ({ ip }: Source, subject: string) => `${toNetwork(ip, 64)}|${subject.toLowerCase()}`;
  /** Returns the key of a known source of this account: its login or its device token. */
  function findKnownSource({ login, device }: Source, subject: string): string | null {
    if (login?.email === subject) return `login ${login.id}`;
    const id = readDeviceToken(keys, device, subject);
    return id && `device ${id}`;
  }
  return {
    async signIn(caller, subject) {
      const source = findKnownSource(caller, subject);
      if (source) return consume(byDevice, source);
      await consume(byNetwork, toNetwork(caller.ip, 64));
      await consume(byAllocation, toNetwork(caller.ip, 48));
      await consume(bySubject, toNetworkKey(caller, subject));
      await consume(byAccount, subject.toLowerCase(), signInPaused);
    },
    async recordSignIn(caller, subject) {
      const source = findKnownSource(caller, subject);
      if (source) await byDevice.delete(source);
      else {
        await bySubject.delete(toNetworkKey(caller, subject));
        await byAccount.reward(subject.toLowerCase());
      }
      if (!readDeviceToken(keys, caller.device, subject)) caller.setDeviceCookie(newDeviceToken(keys, subject));
    },
    signUp: ({ ip }) => consume(bySignUp, toNetwork(ip, 64)),
    async call(caller, work) {
      takeCall(caller);
      return limitConcurrency(caller, work);
    },
    countCall: async (caller) => takeCall(caller),
    createTask: (userId) => consume(byUser, userId),
    upload: (userId) => consume(byUploader, userId),
    transcribe: (userId) => consume(bySpeaker, userId),
    badCallback: (ip) => consume(byBadToken, toNetwork(ip, 64)),
    callback: ({ tenantId, instanceId }) => takeCallback(`${tenantId}/${instanceId}`),
    bridge: ({ tenantId, instanceId }) => consume(byBridge, `${tenantId}/${instanceId}`),
  };
}

const signInPaused = (retryAfter: number) =>
  new AppError(
    'SIGN_IN_PAUSED',
    'Too many attempts for this account. Sign in on a device you have used before, reset your password by email, ask an administrator for a link, or try again later.',
    { retryAfter },
  );

async function consume(limiter: Limiter, key: string, createError = tooManyRequests): Promise<void> {
  try {
    await limiter.consume(key);
  } catch (error) {
    if (error instanceof RateLimiterRes) throw createError(Math.ceil(error.msBeforeNext / 1_000));
    throw error;
  }
}
