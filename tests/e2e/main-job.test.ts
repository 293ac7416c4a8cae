import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { NO_ADDRESS } from '@it0/api/agent/instance/instance-records';
import { compileCacheDir, sharedCompileCache } from '@it0/bridge/testing/compile-cache';
import { createLocalDriver } from '@it0/server/instances/drivers/local';
import { createServer, type Server } from '@it0/server/server';
import { browserHint, hasBrowser, launchBrowser } from '@it0/tests/support/browser';
import { type TestDatabase, testDatabase } from '@it0/tests/support/database';
import { openSignInLink } from '@it0/tests/support/sign-in-link';
import { until } from '@it0/tests/support/until';
import pino from 'pino';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';

// Uses a real server, bridge, browser and OpenClaw gateway, with the scripted model.
const GATEWAY_STARTS_MS = 600_000;
const dataDir = mkdtempSync(join(tmpdir(), 'it0-e2e-'));
let database: TestDatabase;
let server: Server;
let browser: Browser;
let state: Awaited<ReturnType<Awaited<ReturnType<Browser['newContext']>>['storageState']>>;
let page: Page;
const faults: string[] = [];

if (!hasBrowser) process.stdout.write(`${browserHint}\n`);
const inBrowser = test.runIf(hasBrowser);

beforeAll(async () => {
  database = await testDatabase();
  await sharedCompileCache();
  server = await createServer({
    host: '127.0.0.1',
    port: 0,
    dataDir,
    databaseUrl: database.url,
    secret: 'a secret of the end-to-end test',
    webDir: fileURLToPath(new URL('../../apps/web/dist', import.meta.url)),
    localDriver: (options) =>
      createLocalDriver({ ...options, compileCacheDir, env: { PATH: process.env.PATH ?? '', HOME: dataDir } }),
    log: pino({ level: 'silent' }),
  });
  if (!hasBrowser) return;
  browser = await launchBrowser();
  const context = await browser.newContext();
  const first = await context.newPage();
  await openSignInLink(first, await server.createSignInLink());
  // The page is opened during the deployment and updates by itself.
  await first.getByTestId('agent-card').getByText('Running', { exact: true }).waitFor({ timeout: GATEWAY_STARTS_MS });
  state = await context.storageState();
  await context.close();
});

afterAll(async () => {
  await browser?.close();
  await server?.close();
  await database?.[Symbol.asyncDispose]();
  rmSync(dataDir, { recursive: true, force: true });
});

beforeEach(async () => {
  if (!hasBrowser) return;
  const context = await browser.newContext({ storageState: state, viewport: { width: 1280, height: 860 } });
  page = await context.newPage();
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
});
afterEach(async () => {
  await page?.context().close();
  expect(faults.splice(0)).toEqual([]);
});

const reply = () => page.getByTestId('reply').last();
const status = () => reply().getAttribute('data-status');

async function ask(message: string) {
  await page.goto(server.url);
  await page.getByTestId('agent-card').click();
  await page.getByRole('button', { name: 'New session' }).click();
  const composer = page.getByRole('textbox');
  await composer.fill(message);
  await composer.press('Enter');
  await page.getByTestId('reply').waitFor();
}

inBrowser('a message gets a streamed reply', async () => {
  await ask('What can you do?');
  const lengths = new Set<number>();
  await until(async () => {
    lengths.add((await reply().innerText()).length);
    return (await status()) === 'COMPLETED';
  });
  expect(lengths.size).toBeGreaterThan(5);
  expect(await reply().getByRole('table').count()).toBe(1);
});

inBrowser('a message in Chinese gets a reply in Chinese', async () => {
  await ask('你能做什么？');
  await until(async () => (await status()) === 'COMPLETED');
  expect(await reply().innerText()).toMatch(/[\u4e00-\u9fff]{4}/);
});

const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);
const report = { name: 'report.txt', mimeType: 'text/plain', buffer: Buffer.from('twelve bytes') };

inBrowser('files can be sent with a message, and viewed and downloaded in the thread', async () => {
  await page.goto(server.url);
  await page.getByTestId('agent-card').click();
  await page.getByRole('button', { name: 'New session' }).click();
  const chips = page.getByTestId('draft-file');
  const program = { name: 'program.bin', mimeType: 'text/plain', buffer: Buffer.from([0, 1, 2]) };
  await page.getByTestId('file-input').setInputFiles([report, program]);
  await chips.getByText('Files of this type cannot be attached').waitFor();
  expect(faults.splice(0)).toEqual([expect.stringContaining('415')]);
  await page.getByRole('textbox').fill('Hello');
  expect(await page.getByTestId('send').isEnabled()).toBe(false);
  await page.getByRole('button', { name: 'Remove program.bin' }).click();
  await paste(png);
  await until(async () => (await chips.count()) === 2);
  await until(async () => page.getByTestId('send').isEnabled());
  await page.getByTestId('send').click();
  await page.getByTestId('reply').waitFor();
  await until(async () => (await status()) === 'COMPLETED');
  expect(await reply().innerText()).toContain(`I got report.txt, 12 bytes; image.png, ${png.length} bytes`);

  await page.reload();
  const attachments = page.getByTestId('attachment');
  await until(async () => (await attachments.count()) === 2);
  const download = page.waitForEvent('download');
  await attachments.filter({ hasText: 'report.txt' }).click();
  expect((await download).suggestedFilename()).toBe('report.txt');
  const image = page.getByRole('img', { name: 'pasted.png' });
  await until(() => image.evaluate((element: HTMLImageElement) => element.naturalWidth === 1));
});

/** Dispatches a paste event, since a test has no clipboard with files. */
const paste = (content: Buffer) =>
  page.getByRole('textbox').evaluate(
    (field, bytes) => {
      const clipboardData = new DataTransfer();
      clipboardData.items.add(new File([new Uint8Array(bytes)], 'pasted.png', { type: 'image/png' }));
      field.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
    },
    [...content],
  );

inBrowser('a tool call is on the timeline with the output of its command', async () => {
  await ask('Check the status');
  await until(async () => (await status()) === 'COMPLETED');
  const step = reply().getByTestId('tool-step');
  expect(await step.getAttribute('data-status')).toBe('completed');
  if (!(await step.getByText(/load average/).isVisible())) await step.getByRole('button').first().click();
  await step.getByText(/load average/).waitFor();
});

inBrowser('a command waits for a person, and runs after it was allowed once', async () => {
  await ask('Check the disk');
  const card = page.getByTestId('approval-card').last();
  await card.getByText('df -h').waitFor();
  expect(await status()).toBe('WAITING_APPROVAL');
  await card.getByRole('button', { name: 'Allow once' }).click();
  await until(async () => (await status()) === 'COMPLETED');
  expect(await reply().innerText()).toContain('Filesystem');
  expect(await card.getByRole('button', { name: /Allow|Deny|允许|拒绝/ }).count()).toBe(0);
});

inBrowser('a denied command does not run', async () => {
  await ask('检查磁盘');
  await page.getByTestId('approval-card').getByRole('button', { name: 'Deny' }).click();
  await until(async () => (await status()) === 'COMPLETED');
  expect(await reply().innerText()).not.toContain('Filesystem');
});

inBrowser('a reply that is stopped keeps its partial text', async () => {
  await ask('Answer slowly');
  await until(async () => (await reply().innerText()).length > 60);
  await page.getByTestId('stop').click();
  await until(async () => (await status()) === 'CANCELLED');
  expect((await reply().innerText()).length).toBeGreaterThan(60);
});

inBrowser('a reload during a reply loses nothing', async () => {
  await ask('Answer slowly');
  await until(async () => (await reply().innerText()).length > 60);
  const before = (await reply().innerText()).slice(0, 40);
  await page.reload();
  await until(async () => (await reply().innerText()).startsWith(before));
  expect(await status()).toBe('RUNNING');
  await until(async () => (await status()) === 'COMPLETED');
  expect((await reply().innerText()).startsWith(before)).toBe(true);
});

inBrowser('an error of the model is shown, and the session continues', async () => {
  await ask('Make an error');
  await until(async () => (await status()) === 'FAILED');
  const composer = page.getByRole('textbox');
  await composer.fill('And now?');
  await composer.press('Enter');
  await until(async () => (await page.getByTestId('reply').count()) === 2 && (await status()) === 'COMPLETED');
});

inBrowser('a stopped instance shows its status instead of a chat', async () => {
  const tenant = database.tenant(database.tenantId);
  const running = await tenant.agentInstance.findFirstOrThrow();
  await tenant.agentInstance.create({
    data: {
      ...running,
      model: undefined,
      id: randomUUID(),
      requestId: randomUUID(),
      name: 'Stopped one',
      desiredState: 'STOPPED',
      status: 'STOPPED',
      ...NO_ADDRESS,
    },
  });
  await page.goto(server.url);
  await page.getByTestId('agent-card').filter({ hasText: 'Stopped one' }).click();
  await page.getByText('Stopped one is stopped').waitFor();
  expect(new URL(page.url()).pathname).toBe('/');
});
