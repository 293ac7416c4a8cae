import { symmetricDecrypt, symmetricEncrypt } from 'better-auth/crypto';
import { getSealPrefix } from '../auth.ts';
import type { AuthServices } from '../auth-services.ts';

/** Re-encrypts the secrets of second factors from the outgoing key to the current one. */
export async function resealFactors({ db, auth, keys }: AuthServices) {
  if (!keys.outgoing) return;
  const { secretConfig: key } = await auth.$context;
  const isOutgoing = { startsWith: getSealPrefix(keys.outgoing) };
  const reencrypt = async (data: string) => symmetricEncrypt({ key, data: await symmetricDecrypt({ key, data }) });
  const { twoFactor } = db.platform;
  const factors = await twoFactor.findMany({ where: { OR: [{ secret: isOutgoing }, { backupCodes: isOutgoing }] } });
  for (const { id, secret, backupCodes } of factors) {
    const data = { secret: await reencrypt(secret), backupCodes: await reencrypt(backupCodes) };
    await twoFactor.updateMany({ where: { id, secret, backupCodes }, data });
  }
}
