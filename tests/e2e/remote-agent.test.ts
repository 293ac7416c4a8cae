import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { testApp } from '@it0/tests/support/app';
import { browserHint, hasBrowser, launchBrowser } from '@it0/tests/support/browser';
import { createHealth, enrollAt, remoteBridge } from '@it0/tests/support/remote-bridge';
import { openPage } from '@it0/tests/support/signed-in';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';

// The real page and the real server. The bridge on the other machine says by the contract what the test wants.
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

const codeOf = (command: string) => /--enroll (\S+)/.exec(command)?.[1] ?? '';
const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
const cardOf = (page: Page, name: string) => page.getByTestId('agent-card').filter({ hasText: name });
const arrival = (page: Page) => page.getByTestId('arrival');
const shown = (page: Page) => page.getByRole('dialog').locator('figure code').innerText();

async function create(page: Page, name: string) {
  await button(page, 'New agent').click();
  await page.getByLabel('Name', { exact: true }).fill(name);
  await page.getByLabel('Another machine').check();
  await page.getByText('Whatever its bridge is started with there.').waitFor();
  await button(page, 'Create').click();
  await page.getByText('Waiting for the bridge…').waitFor();
}

inBrowser('an agent is made for another machine, and runs there', async () => {
  await using world = await createWorld();
  const { app, page } = world;
  await create(page, 'Web cluster');
  await button(page, 'Copy').click();
  const command = await page.evaluate(() => navigator.clipboard.readText());
  const code = codeOf(await shown(page));
  expect(command).toBe(`npx --yes ${app.url}${bridgePackage.path} --server ${app.url} --enroll ${code}`);
  // The test's own address is one that no other machine reaches.
  await page.getByText(`Only this machine itself reaches ${app.url}.`).waitFor();

  const bridge = await remoteBridge(app.url, code);
  const { revision } = (await bridge.checkIn({ wait: false })).desired;
  await arrival(page).getByText('It is on web-1, starting…').waitFor();
  expect(await page.getByText('--enroll').count()).toBe(0);
  bridge.runs(revision);
  await bridge.checkIn({ wait: false });
  await arrival(page).getByText('It runs on web-1').waitFor();
  expect(await cardOf(page, 'Web cluster').innerText()).toMatch(/Running.*on web-1/s);
  await button(page, 'Open the chat').click();
  await page.getByRole('heading', { name: 'Web cluster', level: 2 }).waitFor();
  expect(await page.getByRole('dialog').count()).toBe(0);

  const detail = 'The model gives no answer.';
  bridge.runs(revision, createHealth(false, detail));
  await bridge.checkIn({ wait: false });
  await cardOf(page, 'Web cluster').getByText(detail).waitFor();

  // What is known of another machine, and nothing else.
  await button(page, 'Manage Web cluster').click();
  await page.getByRole('menuitem', { name: 'Status, model, logs' }).click();
  const labels = page.getByRole('dialog').locator('dt');
  await labels.first().waitFor();
  expect(await labels.allInnerTexts()).toEqual(['Status', 'Running since', 'Machine', 'Bridge']);
});

inBrowser('a command is kept until somebody wants another one, which ends it', async () => {
  await using world = await createWorld(phone);
  const { app, page, client } = world;
  await create(page, 'Web cluster');
  const first = await shown(page);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(phone.width);
  await page.keyboard.press('Escape');

  // With the keyboard alone, from its card; the focus comes back to it.
  const card = cardOf(page, 'Web cluster');
  await card.getByText('Waiting for its bridge').waitFor();
  await card.focus();
  await page.keyboard.press('Enter');
  expect(await shown(page)).toBe(first);
  await page.keyboard.press('Escape');
  await expect.poll(() => card.evaluate((element) => element === document.activeElement)).toBe(true);

  // The same from its menu.
  await button(page, 'Manage Web cluster').click();
  await page.getByRole('menuitem', { name: 'Connect a machine' }).click();
  expect(await shown(page)).toBe(first);
  await button(page, 'End it and make another').click();
  await expect.poll(() => shown(page)).not.toBe(first);
  const second = await shown(page);
  expect((await enrollAt(app.url, codeOf(first))).status).toBe(401);
  await enrollAt(app.url, codeOf(second), undefined, { host: 'db-1' });
  await arrival(page).getByText('It is on db-1, starting…').waitFor();
  await page.keyboard.press('Escape');
  const focused = () => page.evaluate(() => document.activeElement?.getAttribute('aria-label'));
  await expect.poll(focused).toBe('Manage Web cluster');

  // One that has a machine keeps it until another bridge enrolls, and no command is made before that is wanted.
  await page.keyboard.press('Enter');
  await page.getByRole('menuitem', { name: 'Move to another machine' }).click();
  await page.getByRole('alert').getByText('The bridge there is cut off').waitFor();
  expect(await page.getByText('--enroll').count()).toBe(0);
  await button(page, 'Show the command').click();
  await enrollAt(app.url, codeOf(await shown(page)), undefined, { host: 'db-2' });
  await arrival(page).getByText('It is on db-2, starting…').waitFor();
  const [instance] = await client.instance.list.query();
  expect(instance).toMatchObject({ host: 'db-2', status: 'DEPLOYING' });
});

inBrowser('who may not manage an agent learns that it waits for its bridge', async () => {
  await using world = await createWorld();
  const { app, client } = world;
  const made = await client.instance.create.mutate({ requestId: randomUUID(), name: 'Web cluster', driver: 'remote' });
  await client.instance.share.mutate({ instanceId: made.id, with: { role: 'operator' } });
  const page = await world.open(await app.newUser({ role: 'operator' }));
  await cardOf(page, 'Web cluster').click();
  await page.getByText('Web cluster is connected to no machine yet').waitFor();
  expect(await page.getByRole('dialog').count()).toBe(0);
});
