import { type AssistantEngine, deleteAssistant, recordAssistant } from '@it0/api/agent/assistant/assistant';
import type { Services } from '@it0/api/context';
import { createToken } from '@it0/node/token';
import type { DriverOptions, LocalDriver } from './drivers/driver.ts';

export type AssistantOptions = {
  engineType: AssistantEngine;
  /** Creates the driver that runs its bridge on this machine. */
  driver: (options: DriverOptions) => LocalDriver;
};

/** Runs iAgent's bridge, one for all tenants, and records its address and status. Without options, it does not run. */
export async function startAssistant({ db, keys, log }: Services, dataDir: string, options?: AssistantOptions) {
  await deleteAssistant(db);
  if (!options) return { [Symbol.asyncDispose]: async () => {} };
  const secret = createToken();
  let writes = Promise.resolve();
  let isClosing = false;
  const driver = options.driver({
    dataDir,
    log,
    onChange(_key, change) {
      // A stop with the server is not recorded, since the next server starts it again.
      if (isClosing) return;
      writes = writes
        .then(() => recordAssistant(db, options.engineType, keys.seal(secret), change))
        .catch((error: unknown) => log.error({ err: error }, 'the status of iAgent could not be recorded'));
    },
  });
  driver.start({ key: 'assistant', secret });
  return {
    async [Symbol.asyncDispose]() {
      isClosing = true;
      await driver[Symbol.asyncDispose]();
      await writes;
    },
  };
}
