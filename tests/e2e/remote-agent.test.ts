import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { testApp } from '@it0/tests/support/app';
import { browserHint, hasBrowser, launchBrowser } from '@it0/tests/support/browser';
import { openPage } from '@it0/tests/support/open-page';
import { createHealth, enrollAt, remoteBridge } from '@it0/tests/support/remote-bridge';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';

// Uses the real page and server. The test acts as the bridge on the other machine.
const webDir = fileURLToPath(new URL('../../apps/web/dist', import.meta.url));
const bridgePackage = { version: '0.1.0-test', path: '/bridge/0.1.0-test.tgz', file: '/nowhere' };
const desktop = { width: 1280, height: 860 };
const phone = { width: 375, height: 740 };
const faults: string[] = [];
let browser: Browser;

if (!hasBrowser) process.stdout.write(`${browserHint}\n`);
const inBrowser = test.runIf(hasBrowser);

beforeAll(async () => {
  if (hasBrowser) browser = await launchBrowser();
});
afterAll(() => browser?.close());
afterEach(() => expect(faults.splice(0)).toEqual([]));

async function createWorld(viewport = desktop) {
  const stack = new AsyncDisposableStack();
  const app = stack.use(await testApp({ webDir, bridgePackage }));
  const user = await app.newUser();
  const open = async ({ cookie }: { cookie: string }) => {
    const permissions = ['clipboard-read', 'clipboard-write'];
    const page = await openPage(browser, { url: app.url, cookie }, faults, { viewport, permissions });
    stack.defer(() => page.context().close());
    return page;
  };
  const page = await open(user);
  return { app, user, page, open, client: app.client(user), [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

const parseCode = (command: string) => /--enroll (\S+)/.exec(command)?.[1] ?? '';
const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
const findCard = (page: Page, name: string) => page.getByTestId('agent-card').filter({ hasText: name });
const progress = (page: Page) => page.getByTestId('arrival');
const readCommand = (page: Page) => page.getByRole('dialog').locator('figure code').innerText();

async function create(page: Page, name: string) {
  await button(page, 'New agent').click();
  await page.getByLabel('Name', { exact: true }).fill(name);
  await page.getByLabel('Another machine').check();
  await page.getByText('The model that its bridge is started with.').waitFor();
  await button(page, 'Create').click();
  await page.getByText('Waiting for the bridge…').waitFor();
}

inBrowser('an agent can be created for another machine and runs there', async () => {
  await using world = await createWorld();
  const { app, page } = world;
  await create(page, 'Web cluster');
  await button(page, 'Copy').click();
  const command = await page.evaluate(() => navigator.clipboard.readText());
  const code = parseCode(await readCommand(page));
  expect(command).toBe(`npx --yes ${app.url}${bridgePackage.path} --server ${app.url} --enroll ${code}`);
  // The server's address in this test is a loopback address.
  await page.getByText(`Only this machine can reach ${app.url}.`).waitFor();

  const bridge = await remoteBridge(app.url, code);
  const { revision } = (await bridge.checkIn({ wait: false })).desired;
  await progress(page).getByText('Connected on web-1, starting…').waitFor();
  expect(await page.getByText('--enroll').count()).toBe(0);
  bridge.setRunning(revision);
  await bridge.checkIn({ wait: false });
  await progress(page).getByText('Running on web-1').waitFor();
  expect(await findCard(page, 'Web cluster').innerText()).toMatch(/Running.*on web-1/s);
  await button(page, 'Open chat').click();
  await page.getByRole('heading', { name: 'Web cluster', level: 2 }).waitFor();
  expect(await page.getByRole('dialog').count()).toBe(0);

  const detail = 'The model gives no answer.';
  bridge.setRunning(revision, createHealth(false, detail));
  await bridge.checkIn({ wait: false });
  await findCard(page, 'Web cluster').getByText(detail).waitFor();

  // Only what a remote bridge reports.
  await button(page, 'Manage Web cluster').click();
  await page.getByRole('menuitem', { name: 'Status, model, logs' }).click();
  const labels = page.getByRole('dialog').locator('dt');
  await labels.first().waitFor();
  expect(await labels.allInnerTexts()).toEqual(['Status', 'Started', 'Machine', 'Bridge']);
});

inBrowser('an enrollment command stays valid until it is replaced', async () => {
  await using world = await createWorld(phone);
  const { app, page, client } = world;
  await create(page, 'Web cluster');
  const first = await readCommand(page);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(phone.width);
  await page.keyboard.press('Escape');

  // By keyboard from its card, to which the focus returns.
  const card = findCard(page, 'Web cluster');
  await card.getByText('Waiting for its bridge').waitFor();
  await card.focus();
  await page.keyboard.press('Enter');
  expect(await readCommand(page)).toBe(first);
  await page.keyboard.press('Escape');
  await expect.poll(() => card.evaluate((element) => element === document.activeElement)).toBe(true);

  // From its menu.
  await button(page, 'Manage Web cluster').click();
  await page.getByRole('menuitem', { name: 'Connect a machine' }).click();
  expect(await readCommand(page)).toBe(first);
  await button(page, 'Replace with a new command').click();
  await expect.poll(() => readCommand(page)).not.toBe(first);
  const second = await readCommand(page);
  expect((await enrollAt(app.url, parseCode(first))).status).toBe(401);
  await enrollAt(app.url, parseCode(second), undefined, { host: 'db-1' });
  await progress(page).getByText('Connected on db-1, starting…').waitFor();
  await page.keyboard.press('Escape');
  const focused = () => page.evaluate(() => document.activeElement?.getAttribute('aria-label'));
  await expect.poll(focused).toBe('Manage Web cluster');

  // An enrolled agent keeps its machine until another bridge enrolls, and a command is created only on request.
  await page.keyboard.press('Enter');
  await page.getByRole('menuitem', { name: 'Move to another machine' }).click();
  await page.getByRole('alert').getByText('The bridge there is disconnected').waitFor();
  expect(await page.getByText('--enroll').count()).toBe(0);
  await button(page, 'Show command').click();
  await enrollAt(app.url, parseCode(await readCommand(page)), undefined, { host: 'db-2' });
  await progress(page).getByText('Connected on db-2, starting…').waitFor();
  const [instance] = await client.instance.list.query();
  expect(instance).toMatchObject({ host: 'db-2', status: 'DEPLOYING' });
});

inBrowser('a person who may not manage an agent sees that it waits for its bridge', async () => {
  await using world = await createWorld();
  const { app, client } = world;
  const created = await client.instance.create.mutate({
    requestId: randomUUID(),
    name: 'Web cluster',
    driver: 'remote',
  });
  await client.instance.share.mutate({ instanceId: created.id, with: { role: 'operator' } });
  const page = await world.open(await app.newUser({ role: 'operator' }));
  await findCard(page, 'Web cluster').click();
  await page.getByText('Web cluster is not connected to a machine yet').waitFor();
  expect(await page.getByRole('dialog').count()).toBe(0);
});
