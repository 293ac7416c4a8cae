import { Id } from '@it0/contracts/ids';
import { jwtVerify, SignJWT } from 'jose';
import { z } from 'zod';
import type { Keys } from '../../auth/keys.ts';
import { signingKey } from '../dispatch/callback-token.ts';

/** What a tool token allows: to read as one person, while one task of theirs runs. */
const ToolCapability = z.object({ tenantId: Id, userId: Id, taskId: Id });
export type ToolCapability = z.infer<typeof ToolCapability>;

const TYPE = 'tools+jwt';
const ISSUER = 'it0';
const AUDIENCE = 'tools';

export function signToolToken(keys: Keys, capability: ToolCapability, deadline: Date): Promise<string> {
  return new SignJWT(capability)
    .setProtectedHeader({ alg: 'HS256', typ: TYPE, kid: keys.current.kid })
    .setIssuer(ISSUER)
    .setAudience(AUDIENCE)
    .setExpirationTime(deadline)
    .sign(keys.current.callback);
}

/** Null for a token that is forged, foreign, of another kind, or expired. */
export async function readToolToken(keys: Keys, token: string): Promise<ToolCapability | null> {
  const { payload } = await jwtVerify(token, ({ kid }) => signingKey(keys, kid), {
    ...{ algorithms: ['HS256'], typ: TYPE, issuer: ISSUER, audience: AUDIENCE, requiredClaims: ['exp'] },
    clockTolerance: 5,
  }).catch(() => ({ payload: null }));
  return ToolCapability.safeParse(payload).data ?? null;
}
