import { markSilentBridges } from '@it0/api/agent/bridge/liveness';
import type { Services } from '@it0/api/context';

const everyMs = 3_000;

/** Keeps the status of instances true whose bridge on another host is silent. Every server may, since one word is enough. */
export function startBridgeLiveness(services: Services) {
  let looking: Promise<void> | undefined;
  const timer = setInterval(() => {
    looking ??= markSilentBridges(services)
      .catch((error: unknown) =>
        services.log.warn({ err: error }, 'it was not looked which bridges are silent; trying again'),
      )
      .finally(() => (looking = undefined));
  }, everyMs);
  return {
    async close() {
      clearInterval(timer);
      await looking;
    },
  };
}
