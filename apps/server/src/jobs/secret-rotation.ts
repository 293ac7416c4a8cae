import { resealInstances } from '@it0/api/agent/instance/reseal';
import { resealFactors } from '@it0/api/auth/second-factor/reseal';
import type { Services } from '@it0/api/context';

const everyMs = 60_000;

/**
 * Seals anew what a secret that goes away has sealed, again and again: another server may still have it as its own, and
 * seal with it until it stops.
 */
export async function startSecretRotation(services: Services) {
  const { keys, log, refusedTenants } = services;
  if (!keys.outgoing) return { close: async () => {} };
  for (const tenantId of refusedTenants) {
    log.error({ tenantId }, 'a refused tenant still needs the secret before: keep it until the tenant is repaired');
  }
  const seal = async () => {
    await resealInstances(services);
    await resealFactors(services);
  };
  let sealing = seal();
  await sealing;
  const timer = setInterval(() => {
    sealing = sealing
      .then(seal)
      .catch((error: unknown) => log.warn({ err: error }, 'not all was sealed anew; trying again'));
  }, everyMs);
  return {
    async close() {
      clearInterval(timer);
      await sealing;
    },
  };
}
