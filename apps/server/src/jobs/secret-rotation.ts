import { resealInstances } from '@it0/api/agent/instance/reseal';
import { resealFactors } from '@it0/api/auth/second-factor/reseal';
import type { Services } from '@it0/api/context';
import { every } from '@it0/node/every';

const INTERVAL_MS = 60_000;

/**
 * Re-encrypts data that is encrypted with the outgoing secret. Repeats, since a server that still uses that secret can
 * add more until it stops.
 */
export async function startSecretRotation(services: Services): Promise<AsyncDisposable | null> {
  const { keys, log, refusedTenants } = services;
  if (!keys.outgoing) return null;
  for (const tenantId of refusedTenants) {
    log.error({ tenantId }, 'a refused tenant still needs the previous secret: keep it until the tenant is repaired');
  }
  const reseal = async () => {
    await resealInstances(services);
    await resealFactors(services);
  };
  await reseal();
  return every({
    ms: INTERVAL_MS,
    run: reseal,
    onError: (error) => log.warn({ err: error }, 'data could not be re-encrypted; retrying'),
  });
}
