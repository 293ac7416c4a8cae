import { markSilentBridges } from '@it0/api/agent/bridge/liveness';
import type { Services } from '@it0/api/context';
import { every } from '@it0/node/every';

const INTERVAL_MS = 3_000;

/**
 * Starts the periodic check for remote bridges that no longer check in. Every server runs it: the update is idempotent.
 */
export const startBridgeLiveness = (services: Services): AsyncDisposable =>
  every({
    ms: INTERVAL_MS,
    run: () => markSilentBridges(services),
    onError: (error) => services.log.warn({ err: error }, 'the check for silent bridges failed; retrying'),
  });
