import { randomBytes } from 'node:crypto';
import { type AssistantEngine, deleteAssistant, recordAssistant } from '@it0/api/agent/assistant/assistant';
import type { Services } from '@it0/api/context';
import type { Driver, DriverOptions } from './drivers/driver.ts';

export type AssistantOptions = {
  engineType: AssistantEngine;
  /** Runs its bridge beside this server. */
  driver: (options: DriverOptions) => Driver;
};

/** Runs iAgent's bridge, one for all tenants, and keeps the row true that tells where it is. Without options none runs. */
export async function startAssistant({ db, keys, log }: Services, dataDir: string, options?: AssistantOptions) {
  await deleteAssistant(db);
  if (!options) return { [Symbol.asyncDispose]: async () => {} };
  const secret = randomBytes(32).toString('base64url');
  let writing = Promise.resolve();
  let closing = false;
  const driver = options.driver({
    dataDir,
    log,
    onChange(_key, change) {
      // That it stops with the server is not for the record: the next one starts it again.
      if (closing) return;
      writing = writing
        .then(() => recordAssistant(db, options.engineType, keys.seal(secret), change))
        .catch((error: unknown) => log.error({ err: error }, 'iAgent’s status was not kept'));
    },
  });
  driver.start({ key: 'assistant', secret });
  return {
    async [Symbol.asyncDispose]() {
      closing = true;
      await driver.close();
      await writing;
    },
  };
}
