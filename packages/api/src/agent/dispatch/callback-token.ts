import { Id } from '@it0/contracts/ids';
import { jwtVerify, SignJWT } from 'jose';
import { z } from 'zod';
import type { Keys } from '../../auth/keys.ts';
import { tooManyRequests } from '../../errors.ts';

/**
 * What a callback token allows: to report on one task. It is also how the public route finds the tenant. iAgent's tasks
 * have no instance.
 */
const Capability = z.object({ tenantId: Id, instanceId: Id.nullable(), sessionId: Id, taskId: Id });
export type Capability = z.infer<typeof Capability>;

const ISSUER = 'it0';
const AUDIENCE = 'callback';
/** How long after the deadline a bridge may still deliver what it could not. */
const RETRY_WINDOW_MS = 24 * 60 * 60_000;

export function signCallbackToken(keys: Keys, capability: Capability, deadline: Date): Promise<string> {
  return new SignJWT(capability)
    .setProtectedHeader({ alg: 'HS256', typ: 'callback+jwt', kid: keys.current.kid })
    .setIssuer(ISSUER)
    .setAudience(AUDIENCE)
    .setExpirationTime(new Date(deadline.getTime() + RETRY_WINDOW_MS))
    .sign(keys.current.callback);
}

type Verified = {
  capability: Capability;
  expiresAt: number;
  /** How many callbacks it may still be used for until then. */
  left: number;
  until: number;
};

/** How many tokens that were verified are remembered. */
const REMEMBERED = 20_000;
const CLOCK_TOLERANCE_S = 5;
/** A bridge reports about 25 times a second at most. */
const limit = { callbacks: 2_000, everyMs: 10_000 };

/**
 * Verifies tokens, each once: a bridge reports on its task with the same one again and again. How often is counted with
 * it, since this stands before every callback.
 */
export function callbackTokens(keys: Keys) {
  const known = new Map<string, Verified>();
  return {
    /** Null for a token that is forged, foreign, of another kind, or expired. Throws TOO_MANY_REQUESTS. */
    async verify(token: string): Promise<Capability | null> {
      let verified = known.get(token);
      if (!verified) {
        verified = (await verify(keys, token)) ?? undefined;
        if (!verified) return null;
        known.set(token, verified);
        if (known.size > REMEMBERED) known.delete(known.keys().next().value!);
      }
      const now = Date.now();
      if (verified.expiresAt > now) return used(verified, now);
      known.delete(token);
      return null;
    },
  };
}

function used(verified: Verified, now: number): Capability {
  if (now >= verified.until) {
    verified.left = limit.callbacks;
    verified.until = now + limit.everyMs;
  }
  if (verified.left === 0) throw tooManyRequests(Math.ceil((verified.until - now) / 1_000));
  verified.left--;
  return verified.capability;
}

/** What signed a token, among the keys that are taken. */
export function signingKey({ accepted }: Keys, kid: string | undefined): Uint8Array {
  const keys = accepted.find((those) => those.kid === kid);
  if (!keys) throw new Error('signed with a key that is not ours');
  return keys.callback;
}

async function verify(keys: Keys, token: string): Promise<Verified | null> {
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
  return { capability, expiresAt: (payload.exp + CLOCK_TOLERANCE_S) * 1000, left: 0, until: 0 };
}
