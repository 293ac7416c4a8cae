import { fileURLToPath } from 'node:url';
import { approvalReport } from '@it0/tests/support/approval';
import { hasBrowser, launchBrowser } from '@it0/tests/support/browser';
import { createFixture } from '@it0/tests/support/fixture';
import { follow } from '@it0/tests/support/follow';
import { openPage } from '@it0/tests/support/open-page';
import { until } from '@it0/tests/support/until';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';

// Uses the real page and server, with a fake bridge.
const webDir = fileURLToPath(new URL('../../apps/web/dist', import.meta.url));
const phone: BrowserContextOptions = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
const faults: string[] = [];
let browser: Browser;
let world: Awaited<ReturnType<typeof createFixture>>;

const inBrowser = test.runIf(hasBrowser);
beforeAll(async () => {
  if (!hasBrowser) return;
  browser = await launchBrowser();
  world = await createFixture({ webDir });
});
afterAll(async () => {
  await browser?.close();
  await world?.[Symbol.asyncDispose]();
});
afterEach(() => expect(faults.splice(0)).toEqual([]));

/** Opens a page of the signed-in owner. */
function open(path = '/', options: BrowserContextOptions = {}) {
  return openPage(browser, { url: world.app.url + path, cookie: world.user.cookie }, faults, options);
}
const link = (page: Page, name: string) => page.getByRole('link', { name, exact: true });

inBrowser('the skip link leads from the first Tab to the content, past the sidebar', async () => {
  const page = await open();
  await page.getByTestId('agent-card').waitFor();
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  const focused = page.locator(':focus');
  expect(await page.getByRole('main').locator(focused).count()).toBe(1);
  await page.context().close();
});

inBrowser('the sidebar stays collapsed after a reload, and its icons keep their names', async () => {
  const page = await open('/settings');
  await page.getByRole('button', { name: 'Collapse sidebar' }).click();
  await page.reload();
  await page.getByRole('button', { name: 'Expand sidebar' }).waitFor();
  expect(await link(page, 'Settings').getAttribute('aria-current')).toBe('page');
  await link(page, 'Organization').click();
  await page.getByRole('heading', { level: 1, name: 'Acme' }).waitFor();
  await page.context().close();
});

inBrowser('a phone has a bar with the sections at the bottom, and a chat takes the whole screen', async () => {
  const page = await open('/', phone);
  const bar = page.getByRole('navigation', { name: 'Sections' });
  await bar.getByRole('link', { name: 'Settings' }).click();
  await page.getByRole('heading', { level: 1, name: 'Settings' }).waitFor();
  await bar.getByRole('link', { name: 'Agents' }).click();
  await page.getByTestId('agent-card').click();
  await page.getByTestId('composer').waitFor();
  expect(await bar.count()).toBe(0);
  await page.getByRole('button', { name: 'Close chat' }).click();
  await bar.waitFor();
  await page.context().close();
});

inBrowser('an address without a page leads back to the agents', async () => {
  const page = await open('/nowhere/at/all');
  await page.getByRole('heading', { level: 1, name: 'Page not found' }).waitFor();
  await page.getByText('/nowhere/at/all').waitFor();
  await link(page, 'Back to My Agents').click();
  await page.getByTestId('agent-card').waitFor();
  await page.context().close();
});

inBrowser('the chosen theme and text size are applied before any module has run', async () => {
  const page = await open('/settings', { colorScheme: 'light' });
  const background = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  const light = await background();
  await page.getByRole('radio', { name: 'Dark' }).check();
  await page.getByRole('radio', { name: 'Larger' }).check();
  const dark = await background();
  expect(dark).not.toBe(light);
  await page.route(/\.js$/, (route) =>
    route.request().url().includes('first-paint') ? route.continue() : route.abort(),
  );
  await page.reload();
  expect(await page.evaluate(() => document.documentElement.dataset.text)).toBe('larger');
  expect(await background()).toBe(dark);
  expect(faults.splice(0).every((fault) => fault.includes('net::ERR_FAILED'))).toBe(true);
  await page.context().close();
});

inBrowser('a dialog focuses its first field, and Escape returns the focus to what opened it', async () => {
  const page = await open();
  const isFocused = (name: string) =>
    until(() => page.evaluate((name) => document.activeElement?.getAttribute('name') === name, name));
  await page.getByRole('button', { name: 'New agent' }).press('Enter');
  await isFocused('name');
  await page.keyboard.press('Escape');
  await until(() => page.evaluate(() => document.activeElement?.textContent === 'New agent'));
  await page.getByTestId('agent-card').click();
  const composer = page.getByTestId('composer');
  await composer.fill('half a thought');
  await page.keyboard.press('Escape');
  expect(await composer.evaluate((field) => field === document.activeElement)).toBe(false);
  const sessions = page.getByRole('button', { name: 'Sessions' });
  await sessions.press('Enter');
  await page.getByTestId('session-drawer').waitFor();
  await page.keyboard.press('Escape');
  await until(() => sessions.evaluate((button) => button === document.activeElement));
  expect(await composer.inputValue()).toBe('half a thought');
  await page.context().close();
});

inBrowser('Escape for an input method, which Safari reports as key code 229, does not leave the field', async () => {
  const page = await open(`/agents/${world.instance.id}`);
  const composer = page.getByTestId('composer');
  await composer.focus();
  await composer.evaluate((field) =>
    field.dispatchEvent(
      new KeyboardEvent('keydown', { key: 'Escape', keyCode: 229, bubbles: true } as KeyboardEventInit),
    ),
  );
  expect(await composer.evaluate((field) => field === document.activeElement)).toBe(true);
  await page.context().close();
});

inBrowser(
  'agents are searched, their list turns gray when the server is away, and a removal can be undone',
  async () => {
    const { app, user } = world;
    const others = await Promise.all([1, 2, 3, 4, 5].map(() => app.newInstance(user, { status: 'STOPPED' })));
    await app.tenant.agentInstance.update({ where: { id: others[0]!.id }, data: { name: 'Backup' } });
    const page = await open();
    const cards = page.getByTestId('agent-card');
    await page.getByText('6 agents').waitFor();
    await page.getByRole('searchbox').fill('back');
    await page.getByText('1 of 6 agents').waitFor();
    await expect.poll(() => cards.count()).toBe(1);

    await page.context().setOffline(true);
    await page.getByText('This is the last known state.').waitFor();
    await page.locator('ul[data-stale=true]').waitFor();
    await expect.poll(() => cards.count()).toBe(1);
    await page.context().setOffline(false);
    await page.locator('ul[data-stale=false]').waitFor();
    expect(faults.splice(0).every((fault) => /ERR_INTERNET_DISCONNECTED|Failed to (load|fetch)/.test(fault))).toBe(
      true,
    );

    const remove = async () => {
      await page.getByRole('button', { name: 'Manage Backup' }).click();
      await page.getByRole('menuitem', { name: 'Remove' }).click();
      await page.getByRole('dialog').getByRole('textbox').fill('Backup');
      await page.getByRole('button', { name: 'Remove permanently' }).click();
      await cards.waitFor({ state: 'detached' });
    };
    await remove();
    await page.getByRole('button', { name: 'Undo' }).click();
    await cards.waitFor();
    expect(await app.tenant.agentInstance.count({ where: { name: 'Backup', desiredState: 'REMOVED' } })).toBe(0);
    await remove();
    // A page that is left does not wait for the end of the notification.
    await page.goto(`${app.url}/settings`);
    await until(
      async () =>
        (await app.tenant.agentInstance.count({ where: { name: 'Backup', desiredState: { not: 'REMOVED' } } })) === 0,
    );
    await page.context().close();
  },
);

inBrowser(
  'the command palette opens an agent, and starts actions of the open page; F6 moves between the areas',
  async () => {
    const page = await open();
    await page.getByTestId('agent-card').first().waitFor();
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.keyboard.press('ControlOrMeta+k');
    await page.getByRole('combobox').fill('web clus');
    await page.getByRole('option', { name: 'Web cluster' }).first().waitFor();
    await page.keyboard.press('Enter');
    const composer = page.getByTestId('composer');
    await composer.waitFor();
    const focusedArea = () =>
      page.evaluate(() => document.activeElement?.closest('[data-area]')?.getAttribute('data-area'));
    await page.keyboard.press('F6');
    await until(async () => (await focusedArea()) === 'list');
    await page.keyboard.press('Shift+F6');
    await until(async () => (await focusedArea()) === 'chat');
    await page.keyboard.press('ControlOrMeta+k');
    await page.getByRole('option', { name: 'Theme: Dark' }).click();
    await until(() => page.evaluate(() => document.documentElement.dataset.theme === 'dark'));
    await page.context().close();
  },
);

inBrowser('approvals are decided in a panel beside the chat, and counted in the title after the session', async () => {
  const { task, sessionId } = await world.send('Restart nginx on web-1');
  await world.bridge.report(task, { type: 'task', status: 'RUNNING' }, approvalReport({ expiresInMs: 200_000 }));
  const page = await open(`/agents/${world.instance.id}?session=${sessionId}`);
  await until(async () => (await page.title()) === '(1) Restart nginx on web-1 · Web cluster · IT0');
  await page.getByTestId('waiting').click();
  const card = page.getByTestId('waiting-card');
  await card.getByText(/expires in 3:/).waitFor();
  // The chat beside the panel can still be used.
  await page.getByTestId('composer').fill('wait');
  await card.getByRole('button', { name: 'Deny' }).click();
  await card.getByText('Denied by Ada').waitFor();
  await until(async () => (await page.title()).startsWith('Restart nginx'));
  await page.getByTestId('waiting').click();
  await card.waitFor({ state: 'detached' });
  await page.context().close();
});

inBrowser(
  'a new approval shows a desktop notification in the background, which closes when it is decided',
  async () => {
    const { task, sessionId } = await world.send('Clean the disk of web-1');
    await world.bridge.report(task, { type: 'task', status: 'RUNNING' });
    const page = await open('/settings');
    // A browser without a window shows no notifications, and always has the focus.
    await page.evaluate(() => {
      const shown: { title: string; body?: string; onclick?: () => void; isClosed?: boolean }[] = [];
      class Recorder {
        static permission = 'default';
        static async requestPermission() {
          Recorder.permission = 'granted';
          return 'granted';
        }
        isClosed = false;
        constructor(title: string, { body }: NotificationOptions) {
          shown.push(Object.assign(this, { title, body }));
        }
        close() {
          this.isClosed = true;
        }
      }
      Object.assign(window, { Notification: Recorder, shown });
      document.hasFocus = () => false;
    });
    await page
      .getByRole('group', { name: /^Desktop notifications/ })
      .getByLabel('On')
      .click();
    await page.getByTestId('waiting').waitFor();
    const readShown = () =>
      page.evaluate(() => (window as unknown as { shown: { title: string; body: string; isClosed: boolean }[] }).shown);
    const approval = approvalReport({ expiresInMs: 200_000 });
    await world.bridge.report(task, approval);
    await until(async () => (await readShown()).length > 0);
    expect(await readShown()).toMatchObject([
      { title: 'Approval needed: Web cluster', body: 'Clean the disk of web-1', isClosed: false },
    ]);
    await page.evaluate(() => (window as unknown as { shown: { onclick(): void }[] }).shown[0]!.onclick());
    await until(async () => page.url().includes(sessionId));
    await page.getByTestId('approval-card').getByRole('button', { name: 'Deny' }).click();
    await page.getByText('Denied by Ada').first().waitFor();
    await until(async () => (await readShown())[0]!.isClosed);
    await page.context().close();
  },
);

inBrowser('an owner sets the price of a model, and sees what its tasks cost', async () => {
  const { task, taskId, sessionId } = await world.send();
  using events = follow(world.client, sessionId, '0');
  const usage = { input: 1_000_000, output: 100_000, cacheRead: 400_000, cacheWrite: 0 };
  await world.bridge.report(task, { type: 'completed', text: 'done', usage });
  await events.next('completed');
  await world.app.tenant.agentTask.update({ where: { id: taskId }, data: { model: 'a-model' } });
  const page = await open('/organization');
  await page.getByText('Model prices').click();
  await page.getByRole('button', { name: 'Price of a-model' }).click();
  const field = (name: string) => page.getByLabel(`${name}, per million tokens`, { exact: true });
  await field('Input').fill('much');
  await field('Output').fill('50');
  await page.getByRole('button', { name: 'Save' }).last().click();
  await page.getByText('Enter 0 or more').waitFor();
  await field('Input').fill('10');
  await field('Cached input').fill('0,5');
  await page.getByRole('button', { name: 'Save' }).last().click();
  await page.getByText('Cost, past 30 days: $11.20').waitFor();
  // The page scrolls in the frame, and never with it.
  await page.setViewportSize(phone.viewport!);
  await page.getByText('Model prices').evaluate((element) => element.scrollIntoView({ block: 'start' }));
  const bottom = await page
    .getByRole('navigation')
    .last()
    .evaluate((bar) => bar.getBoundingClientRect().bottom);
  expect(bottom).toBe(phone.viewport!.height);
  await page.context().close();
});

inBrowser('the menu of an agent opens with the arrow key, and gives the focus back', async () => {
  const page = await open();
  const button = page.getByRole('button', { name: 'Manage Web cluster' }).first();
  await button.focus();
  await page.keyboard.press('ArrowDown');
  const items = page.getByRole('menuitem');
  await items.first().waitFor();
  await until(() => items.first().evaluate((item) => item === document.activeElement));
  await page.keyboard.press('ArrowDown');
  await until(() => items.nth(1).evaluate((item) => item === document.activeElement));
  await page.keyboard.press('Escape');
  await page.getByRole('menu').waitFor({ state: 'detached' });
  await until(() => button.evaluate((element) => element === document.activeElement));
  await page.context().close();
});

inBrowser('a list of many agents shows the first ones at once, without an empty list before them', async () => {
  const { app, user } = world;
  await Promise.all(Array.from({ length: 60 }, () => app.newInstance(user, { status: 'STOPPED' })));
  const page = await open('/settings');
  await page.evaluate(() => {
    const shown: string[] = [];
    const record = () => {
      const list = document.querySelector('ul[aria-busy]');
      if (!list) return;
      const count = list.querySelectorAll('[data-testid=agent-card][id]').length;
      const state = `${list.getAttribute('aria-busy') === 'true' ? 'busy' : 'ready'} ${count}`;
      if (shown.at(-1) !== state) shown.push(state);
    };
    new MutationObserver(record).observe(document.body, { childList: true, subtree: true, attributes: true });
    Object.assign(window, { shown });
  });
  await link(page, 'Agents').click();
  await until(async () => (await page.getByTestId('agent-card').count()) > 60);
  const shown = await page.evaluate(() => (window as unknown as { shown: string[] }).shown);
  expect(shown).toContain('ready 40');
  expect(shown).not.toContain('ready 0');
  await page.context().close();
});
