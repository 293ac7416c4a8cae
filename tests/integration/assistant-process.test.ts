import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import type { DriverOptions } from '@it0/server/instances/drivers/driver';
import { createLocalDriver } from '@it0/server/instances/drivers/local';
import { testApp } from '@it0/tests/support/app';
import { requestLocalBridge } from '@it0/tests/support/request-local-bridge';
import { sandbox } from '@it0/tests/support/sandbox';
import { until } from '@it0/tests/support/until';
import { expect, test } from 'vitest';

const main = fileURLToPath(new URL('../../apps/server/src/instances/drivers/local.fixture.ts', import.meta.url));
const localDriver = (options: DriverOptions) => createLocalDriver({ ...options, sandbox, env: {}, main });
const assistant = { engineType: 'claude-api' as const, driver: localDriver };

test('iAgent starts with the server, restarts after a crash, and starts with the next server', async () => {
  await using app = await testApp({ localDriver, assistant });
  const client = app.client(await app.newUser());
  const waitUntilRunning = (previousModel = '') =>
    until(async () => {
      const status = await client.assistant.status.query();
      return status.status === 'RUNNING' && status.modelName !== previousModel && status;
    });
  const first = await waitUntilRunning();
  expect(first).toMatchObject({ scripted: true, runningTasks: 0 });

  const row = await app.database.platform.assistant.findFirstOrThrow();
  const secret = app.services.keys.open(row.bridgeSecret);
  await requestLocalBridge(row.bridgeUrl, '/crash', secret).catch(() => {});
  const second = await waitUntilRunning(first.modelName!);

  await app.restart();
  await waitUntilRunning(second.modelName!);
  const restarted = await app.database.platform.assistant.findFirstOrThrow();
  expect(app.services.keys.open(restarted.bridgeSecret)).not.toBe(secret);
});

test('a server without iAgent stops a running one', async () => {
  await using app = await testApp({ localDriver });
  await app.newAssistant();
  await app.restart();
  await until(async () => (await app.database.platform.assistant.count()) === 0);
  const client = app.client(await app.newUser());
  expect(await client.assistant.status.query()).toMatchObject({ status: 'STOPPED' });
  const refused = client.assistant.createTask.mutate({ message: 'x', requestId: randomUUID() });
  await expect(refused).rejects.toMatchObject({ data: { reason: 'ASSISTANT_NOT_RUNNING' } });
});
