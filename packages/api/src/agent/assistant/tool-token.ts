import { Id } from '@it0/contracts/ids';
import { jwtVerify, SignJWT } from 'jose';
import { z } from 'zod';
import type { Keys } from '../../keys.ts';
import { signingKey } from '../dispatch/callback-token.ts';

/** The right that a tool token grants: to read as a user, until the deadline of their task. */
const ToolCapability = z.object({ tenantId: Id, userId: Id, taskId: Id });
export type ToolCapability = z.infer<typeof ToolCapability>;

const TYPE = 'tools+jwt';
const ISSUER = 'it0';
const AUDIENCE = 'tools';

/** Signs a tool token that expires at the deadline of the task. */
export function signToolToken(keys: Keys, capability: ToolCapability, deadline: Date): Promise<string> {
  return new SignJWT(capability)
    .setProtectedHeader({ alg: 'HS256', typ: TYPE, kid: keys.current.kid })
    .setIssuer(ISSUER)
    .setAudience(AUDIENCE)
    .setExpirationTime(deadline)
    .sign(keys.current.callback);
}

/** Verifies a tool token. Returns null for one that is forged, expired, or of another type or issuer. */
export async function readToolToken(keys: Keys, token: string): Promise<ToolCapability | null> {
  const { payload } = await jwtVerify(token, ({ kid }) => signingKey(keys, kid), {
    ...{ algorithms: ['HS256'], typ: TYPE, issuer: ISSUER, audience: AUDIENCE, requiredClaims: ['exp'] },
    clockTolerance: 5,
  }).catch(() => ({ payload: null }));
  return ToolCapability.safeParse(payload).data ?? null;
}
