import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import type { DriverOptions } from '@it0/server/instances/drivers/driver';
import { createLocalDriver } from '@it0/server/instances/drivers/local';
import { type TestApp, testApp } from '@it0/tests/support/app';
import { browserHint, hasBrowser, launchBrowser } from '@it0/tests/support/browser';
import { follow } from '@it0/tests/support/follow';
import { until } from '@it0/tests/support/until';
import { expect, test } from 'vitest';

if (!hasBrowser) process.stdout.write(`${browserHint}\n`);

// Uses the real server and iAgent's real bridge with the scripted model, which calls the server's tools.
const env = { PATH: process.env.PATH ?? '', BRIDGE_ENGINE: 'claude-api' };
const runs = {
  localDriver: () => ({
    start() {},
    async stop() {},
    async remove() {},
    async removeTenant() {},
    async [Symbol.asyncDispose]() {},
  }),
  assistant: {
    engineType: 'claude-api' as const,
    driver: (options: DriverOptions) => createLocalDriver({ ...options, env }),
  },
};

async function ask(client: ReturnType<TestApp['client']>, message: string, sessionId?: string) {
  const task = await client.assistant.createTask.mutate({ message, sessionId, requestId: randomUUID() });
  using events = follow(client, task.sessionId, '0');
  await until(() => events.durable().some(({ type, taskId }) => type === 'completed' && taskId === task.taskId));
  const { messages } = await client.session.messages.query({ sessionId: task.sessionId });
  return { ...task, reply: messages.find(({ id }) => id === task.taskId)! };
}

test('iAgent uses the person’s instances and the history to answer which instance is idle', async () => {
  await using app = await testApp(runs);
  const [ada, bob] = [await app.newUser(), await app.newUser({ name: 'Bob' })];
  await app.newInstance(ada);
  const client = app.client(ada);
  await until(async () => (await client.assistant.status.query()).status === 'RUNNING');
  const { sessionId, reply } = await ask(client, 'Which instance is idle?');
  const steps = reply.parts.flatMap((part) => (part.type === 'tool' ? part : []));
  expect(steps).toMatchObject([{ name: 'list_instances', status: 'completed' }]);
  expect(steps[0]!.output).toContain('Web cluster');
  const other = await ask(app.client(bob), '哪个实例空闲？');
  expect(JSON.stringify(other.reply)).toContain('list_instances');
  expect(JSON.stringify(other.reply)).not.toContain('Web cluster');
  expect((await ask(client, 'What can you do?', sessionId)).reply.status).toBe('COMPLETED');
});

const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

test.runIf(hasBrowser).for([
  { locale: 'en-GB', colorScheme: 'light', message: 'Hello', expected: 'I got report.txt, 12 bytes; pixel.png' },
  { locale: 'zh-CN', colorScheme: 'dark', message: '你好', expected: '我收到了 report.txt, 12 字节; pixel.png' },
] as const)('a viewer can send files to iAgent, in $locale', async (options) => {
  const { locale, colorScheme, message, expected } = options;
  await using app = await testApp({ ...runs, webDir: fileURLToPath(new URL('../../apps/web/dist', import.meta.url)) });
  const viewer = await app.newUser({ role: 'viewer' });
  await until(async () => (await app.client(viewer).assistant.status.query()).status === 'RUNNING');
  await using browser = await launchBrowser();
  const context = await browser.newContext({ locale, colorScheme, viewport: { width: 1280, height: 860 } });
  const [name, value] = viewer.cookie.split('=') as [string, string];
  await context.addCookies([{ name, value, url: app.url }]);
  const page = await context.newPage();
  await page.goto(app.url);
  await page.getByTestId('assistant-card').click();
  const report = { name: 'report.txt', mimeType: 'text/plain', buffer: Buffer.from('twelve bytes') };
  const pixel = { name: 'pixel.png', mimeType: 'image/png', buffer: png };
  await page.getByTestId('file-input').setInputFiles([report, pixel]);
  await page.getByTestId('composer').fill(message);
  await until(() => page.getByTestId('send').isEnabled());
  await page.getByTestId('send').click();
  await page.getByTestId('reply').getByText(expected).waitFor();

  await page.reload();
  const download = page.waitForEvent('download');
  await page.getByTestId('attachment').filter({ hasText: 'report.txt' }).click();
  expect((await download).suggestedFilename()).toBe('report.txt');
  const image = page.getByRole('img', { name: 'pixel.png' });
  await until(() => image.evaluate((element: HTMLImageElement) => element.naturalWidth === 1));
});
