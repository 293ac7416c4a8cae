import { randomUUID } from 'node:crypto';
import type { DriverOptions } from '@it0/server/drivers/driver';
import { createLocalDriver } from '@it0/server/drivers/local';
import { type TestApp, testApp } from '@it0/tests/support/app';
import { follow } from '@it0/tests/support/follow';
import { until } from '@it0/tests/support/until';
import { expect, test } from 'vitest';

// A real server and iAgent's real bridge on the scripted model, which looks things up with the server's own tools.
const env = { PATH: process.env.PATH ?? '', BRIDGE_ENGINE: 'claude-api' };
const runs = {
  localDriver: () => ({ start() {}, async stop() {}, async remove() {}, async close() {} }),
  assistant: {
    engineType: 'claude-api' as const,
    driver: (options: DriverOptions) => createLocalDriver({ ...options, env }),
  },
};

async function ask(client: ReturnType<TestApp['client']>, message: string, sessionId?: string) {
  const asked = await client.assistant.createTask.mutate({ message, sessionId, requestId: randomUUID() });
  using events = follow(client, asked.sessionId, '0');
  await until(
    () => events.durable().some(({ type, taskId }) => type === 'completed' && taskId === asked.taskId),
    30_000,
  );
  const { messages } = await client.session.messages.query({ sessionId: asked.sessionId });
  return { ...asked, reply: messages.find(({ id }) => id === asked.taskId)! };
}

test('asked which instance is idle, iAgent looks at those that the person sees, and goes on from what was said', {
  timeout: 90_000,
}, async () => {
  await using app = await testApp(runs);
  const [ada, bob] = [await app.newUser(), await app.newUser({ name: 'Bob' })];
  await app.newInstance(ada);
  const client = app.client(ada);
  await until(async () => (await client.assistant.status.query()).status === 'RUNNING', 30_000);
  const { sessionId, reply } = await ask(client, 'Which instance is idle?');
  const steps = reply.parts.flatMap((part) => (part.type === 'tool' ? part : []));
  expect(steps).toMatchObject([{ name: 'list_instances', status: 'completed' }]);
  expect(steps[0]!.output).toContain('Web cluster');
  const other = await ask(app.client(bob), '哪个实例空闲？');
  expect(JSON.stringify(other.reply)).toContain('list_instances');
  expect(JSON.stringify(other.reply)).not.toContain('Web cluster');
  expect((await ask(client, 'What can you do?', sessionId)).reply.status).toBe('COMPLETED');
});
