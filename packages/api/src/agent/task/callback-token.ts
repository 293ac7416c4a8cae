import { Id } from '@it0/contracts/ids';
import { jwtVerify, SignJWT } from 'jose';
import { z } from 'zod';
import type { Keys } from '../../auth/keys.ts';

/** What a callback token allows: to report on one task. It is also how the public route finds the tenant. */
const Capability = z.object({ tenantId: Id, instanceId: Id, sessionId: Id, taskId: Id });
export type Capability = z.infer<typeof Capability>;

const ISSUER = 'it0';
const AUDIENCE = 'callback';
/** How long after the deadline a bridge may still deliver what it could not. */
const RETRY_WINDOW_MS = 24 * 60 * 60_000;

export function signCallbackToken(keys: Keys, capability: Capability, deadline: Date): Promise<string> {
  return new SignJWT(capability)
    .setProtectedHeader({ alg: 'HS256', typ: 'callback+jwt', kid: keys.callback.kid })
    .setIssuer(ISSUER)
    .setAudience(AUDIENCE)
    .setExpirationTime(new Date(deadline.getTime() + RETRY_WINDOW_MS))
    .sign(keys.callback.key);
}

/** Null for a token that is forged, foreign, of another kind, or expired. */
export async function verifyCallbackToken(keys: Keys, token: string): Promise<Capability | null> {
  const verified = await jwtVerify(token, keys.callback.key, {
    algorithms: ['HS256'],
    typ: 'callback+jwt',
    issuer: ISSUER,
    audience: AUDIENCE,
    clockTolerance: 5,
  }).catch(() => null);
  return Capability.safeParse(verified?.payload).data ?? null;
}
