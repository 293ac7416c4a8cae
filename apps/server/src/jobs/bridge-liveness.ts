import { markSilentBridges } from '@it0/api/agent/bridge/liveness';
import type { Services } from '@it0/api/context';

const INTERVAL_MS = 3_000;

/**
 * Starts the periodic check for remote bridges that no longer check in. Every server runs it: the update is idempotent.
 */
export function startBridgeLiveness(services: Services) {
  let running: Promise<void> | undefined;
  const timer = setInterval(() => {
    running ??= markSilentBridges(services)
      .catch((error: unknown) => services.log.warn({ err: error }, 'the check for silent bridges failed; retrying'))
      .finally(() => (running = undefined));
  }, INTERVAL_MS);
  return {
    async close() {
      clearInterval(timer);
      await running;
    },
  };
}
