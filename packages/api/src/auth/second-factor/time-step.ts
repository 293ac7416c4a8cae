import { createHmac } from 'node:crypto';
import { symmetricDecrypt } from 'better-auth/crypto';
import type { AuthServices } from '../auth-services.ts';

/** RFC 6238 with the parameters of better-auth: SHA-1, six digits, steps of 30 s, one step of tolerance each way. */
const STEP_MS = 30_000;
const WINDOW_STEPS = 1;

const CLAIM = `
  UPDATE public."TwoFactor" SET "lastStep" = $2 WHERE "id" = $1 AND ("lastStep" IS NULL OR "lastStep" < $2)`;

/**
 * Claims a code, so that it is accepted once over all servers. Returns false when it or a later one was claimed before.
 * Returns true for a wrong code, which better-auth refuses and counts.
 */
export async function claimCode({ db, auth }: AuthServices, userId: string, code: string) {
  const factor = await db.platform.twoFactor.findFirst({ where: { userId }, select: { id: true, secret: true } });
  if (!factor) return true;
  const { secretConfig: key } = await auth.$context;
  const step = findStep(await symmetricDecrypt({ key, data: factor.secret }), code);
  if (step === null) return true;
  return (await db.pool.query(CLAIM, [factor.id, step])).rowCount === 1;
}

/** Finds the latest step in the window that has this code; null when there is none. */
function findStep(secret: string, code: string): number | null {
  const now = Math.floor(Date.now() / STEP_MS);
  const steps = Array.from({ length: 2 * WINDOW_STEPS + 1 }, (_, index) => now + WINDOW_STEPS - index);
  return steps.find((step) => codeAt(secret, step) === code) ?? null;
}

function codeAt(secret: string, step: number): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const hash = createHmac('sha1', secret).update(counter).digest();
  const offset = hash.at(-1)! & 15;
  return String((hash.readUInt32BE(offset) & 0x7f_ff_ff_ff) % 1_000_000).padStart(6, '0');
}
