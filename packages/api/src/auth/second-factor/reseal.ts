import { symmetricDecrypt, symmetricEncrypt } from 'better-auth/crypto';
import type { Services } from '../../context.ts';
import { getSealPrefix } from '../auth.ts';

/** Seals those second factors under the secret of now that are sealed under the one that goes away. */
export async function resealFactors({ db, auth, keys }: Pick<Services, 'db' | 'auth' | 'keys'>) {
  if (!keys.outgoing) return;
  const { secretConfig: key } = await auth.$context;
  const outgoing = { startsWith: getSealPrefix(keys.outgoing) };
  const anew = async (data: string) => symmetricEncrypt({ key, data: await symmetricDecrypt({ key, data }) });
  const { twoFactor } = db.platform;
  const factors = await twoFactor.findMany({ where: { OR: [{ secret: outgoing }, { backupCodes: outgoing }] } });
  for (const { id, secret, backupCodes } of factors) {
    const data = { secret: await anew(secret), backupCodes: await anew(backupCodes) };
    await twoFactor.updateMany({ where: { id, secret, backupCodes }, data });
  }
}
