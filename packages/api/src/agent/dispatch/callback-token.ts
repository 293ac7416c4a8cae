import { Id } from '@it0/contracts/ids';
import { jwtVerify, SignJWT } from 'jose';
import { z } from 'zod';
import { AppError, tooManyRequests } from '../../errors.ts';
import type { Keys } from '../../keys.ts';

/**
 * The right that a callback token grants: to report on one task. The public callback route also learns the tenant from
 * it. `instanceId` is null for tasks of iAgent.
 */
const Capability = z.object({ tenantId: Id, instanceId: Id.nullable(), sessionId: Id, taskId: Id });
export type Capability = z.infer<typeof Capability>;

const ISSUER = 'it0';
const AUDIENCE = 'callback';
/** Time after the deadline in which a bridge may still deliver late reports. */
const RETRY_WINDOW_MS = 24 * 60 * 60_000;

/** Signs a callback token that expires some time after the deadline of the task. */
export function signCallbackToken(keys: Keys, capability: Capability, deadline: Date): Promise<string> {
  return new SignJWT(capability)
    .setProtectedHeader({ alg: 'HS256', typ: 'callback+jwt', kid: keys.current.kid })
    .setIssuer(ISSUER)
    .setAudience(AUDIENCE)
    .setExpirationTime(new Date(deadline.getTime() + RETRY_WINDOW_MS))
    .sign(keys.current.callback);
}

/** Creates the error for a token that is forged, expired, or for another task. */
export const callbackTokenInvalid = () => new AppError('CALLBACK_TOKEN_INVALID', 'This callback token is invalid.');

type VerifiedToken = {
  capability: Capability;
  expiresAt: number;
  /** Callbacks left until `windowEndsAt`. */
  remaining: number;
  windowEndsAt: number;
};

const MAX_CACHED_TOKENS = 20_000;
const CLOCK_TOLERANCE_S = 5;
/** A multiple of the callbacks that a bridge sends, at most about 25 a second. */
const RATE_LIMIT = { callbacks: 2_000, everyMs: 10_000 };

/**
 * Creates a verifier that caches verified tokens, since a bridge sends the same one with every callback for its task.
 * The cache entry also counts the callbacks, to limit their rate per task.
 */
export function createTokenVerifier(keys: Keys) {
  const verifiedTokens = new Map<string, VerifiedToken>();
  return {
    /** Returns null for a token that is forged, expired, or of another type or issuer. Throws TOO_MANY_REQUESTS. */
    async verify(token: string): Promise<Capability | null> {
      let verified = verifiedTokens.get(token);
      if (!verified) {
        verified = (await verifyToken(keys, token)) ?? undefined;
        if (!verified) return null;
        verifiedTokens.set(token, verified);
        if (verifiedTokens.size > MAX_CACHED_TOKENS) verifiedTokens.delete(verifiedTokens.keys().next().value!);
      }
      const now = Date.now();
      if (verified.expiresAt > now) return countUse(verified, now);
      verifiedTokens.delete(token);
      return null;
    },
  };
}

function countUse(verified: VerifiedToken, now: number): Capability {
  if (now >= verified.windowEndsAt) {
    verified.remaining = RATE_LIMIT.callbacks;
    verified.windowEndsAt = now + RATE_LIMIT.everyMs;
  }
  if (verified.remaining === 0) throw tooManyRequests(Math.ceil((verified.windowEndsAt - now) / 1_000));
  verified.remaining--;
  return verified.capability;
}

/** Finds the key that signed a token, among the accepted ones. Throws when there is none. */
export function signingKey({ accepted }: Keys, kid: string | undefined): Uint8Array {
  const keys = accepted.find((candidate) => candidate.kid === kid);
  if (!keys) throw new Error('signed with a key that is not ours');
  return keys.callback;
}

async function verifyToken(keys: Keys, token: string): Promise<VerifiedToken | null> {
  const { payload } = await jwtVerify(token, ({ kid }) => signingKey(keys, kid), {
    algorithms: ['HS256'],
    typ: 'callback+jwt',
    issuer: ISSUER,
    audience: AUDIENCE,
    requiredClaims: ['exp'],
    clockTolerance: CLOCK_TOLERANCE_S,
  }).catch(() => ({ payload: null }));
  const capability = Capability.safeParse(payload).data;
  if (!capability || !payload?.exp) return null;
  return { capability, expiresAt: (payload.exp + CLOCK_TOLERANCE_S) * 1000, remaining: 0, windowEndsAt: 0 };
}
