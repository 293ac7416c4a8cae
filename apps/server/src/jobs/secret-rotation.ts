import { resealInstances } from '@it0/api/agent/instance/reseal';
import { resealFactors } from '@it0/api/auth/second-factor/reseal';
import type { Services } from '@it0/api/context';

const INTERVAL_MS = 60_000;

/**
 * Re-encrypts data that is encrypted with the outgoing secret. Repeats, since a server that still uses that secret can
 * add more until it stops.
 */
export async function startSecretRotation(services: Services) {
  const { keys, log, refusedTenants } = services;
  if (!keys.outgoing) return { close: async () => {} };
  for (const tenantId of refusedTenants) {
    log.error({ tenantId }, 'a refused tenant still needs the previous secret: keep it until the tenant is repaired');
  }
  const reseal = async () => {
    await resealInstances(services);
    await resealFactors(services);
  };
  let running = reseal();
  await running;
  const timer = setInterval(() => {
    running = running
      .then(reseal)
      .catch((error: unknown) => log.warn({ err: error }, 'data could not be re-encrypted; retrying'));
  }, INTERVAL_MS);
  return {
    async close() {
      clearInterval(timer);
      await running;
    },
  };
}
