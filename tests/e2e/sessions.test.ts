import { fileURLToPath } from 'node:url';
import { indexMissing } from '@it0/api/agent/search/index-missing';
import { quoteTenantSchema } from '@it0/db/sql';
import { type TestApp, testApp } from '@it0/tests/support/app';
import { browserHint, hasBrowser, launchBrowser } from '@it0/tests/support/browser';
import { createConversations } from '@it0/tests/support/conversations';
import { openPage } from '@it0/tests/support/open-page';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';

// Uses a real server and browser. Nothing is sent to the agent.
const webDir = fileURLToPath(new URL('../../apps/web/dist', import.meta.url));
let app: TestApp;
let browser: Browser;

if (!hasBrowser) process.stdout.write(`${browserHint}\n`);
const inBrowser = test.runIf(hasBrowser);

beforeAll(async () => {
  app = await testApp({ webDir });
  if (hasBrowser) browser = await launchBrowser();
});

afterAll(async () => {
  await browser?.close();
  await app?.[Symbol.asyncDispose]();
});

const SESSIONS = 300;

/** Creates a person with an agent and many sessions. */
async function createOwner() {
  const user = await app.newUser({ name: 'Ada' });
  const { id: instanceId } = await app.newInstance(user);
  const schema = quoteTenantSchema(app.tenantId);
  const volume = { sessions: SESSIONS, messages: SESSIONS * 4, days: 90 };
  await createConversations(app.database.pool, { schema, ownerId: user.id, instanceIds: [instanceId], ...volume });
  const { id, sessionId } = await app.tenant.conversationMessage.findFirstOrThrow({
    where: { role: 'ASSISTANT', session: { ownerId: user.id } },
    orderBy: { createdAt: 'asc' },
  });
  await app.tenant.conversationMessage.update({ where: { id }, data: { parts: [{ type: 'text', text: needle }] } });
  await indexMissing(app.services, new AbortController().signal);
  return { user, instanceId, needleSession: sessionId };
}

const needle = '看门狗重启了 needle-42 服务';

const listRows = (drawer: Locator) => drawer.locator('[data-session]');

/** Returns the title of the session that has the focus. */
const readFocus = (page: Page) => page.evaluate(() => document.activeElement?.querySelector('[dir]')?.textContent);

/** Presses Home, and returns the title of the first session. */
async function readFirst(page: Page) {
  await page.keyboard.press('Home');
  return readFocus(page);
}

async function openDrawer(page: Page) {
  const button = page.getByRole('button', { name: 'Sessions', exact: true });
  await button.click();
  const drawer = page.getByTestId('session-drawer');
  await listRows(drawer).first().waitFor();
  return { drawer, button };
}

inBrowser('300 sessions are reached by keyboard, renamed, pinned, archived, deleted and restored', async () => {
  const faults: string[] = [];
  const { user, instanceId } = await createOwner();
  const page = await openPage(browser, { url: `${app.url}/agents/${instanceId}`, cookie: user.cookie }, faults);
  const { drawer, button } = await openDrawer(page);
  await drawer.getByRole('heading', { name: 'Today' }).waitFor();
  expect(await listRows(drawer).count()).toBeLessThan(60);

  // All pages are loaded on the way to the end.
  await listRows(drawer).first().focus();
  const oldest = await app.tenant.agentSession.findFirstOrThrow({ orderBy: { lastActiveAt: 'asc' } });
  await expect
    .poll(async () => {
      await page.keyboard.press('End');
      return readFocus(page);
    })
    .toBe(oldest.title);
  await page.keyboard.press('F2');
  await page.getByRole('textbox', { name: 'Title' }).fill('Disks of db-1');
  await page.keyboard.press('Enter');
  await expect.poll(() => readFocus(page)).toBe('Disks of db-1');

  const menu = (title: string) => drawer.getByRole('button', { name: `Actions for “${title}”` });
  await menu('Disks of db-1').click();
  await page.getByRole('menuitem', { name: 'Pin' }).click();
  await expect.poll(() => readFirst(page)).toBe('Disks of db-1');
  await drawer.getByRole('heading', { name: 'Pinned' }).waitFor();

  await page.keyboard.press('Delete');
  await drawer.getByRole('status').getByText('was deleted').waitFor();
  await expect.poll(() => drawer.getByRole('heading', { name: 'Pinned' }).count()).toBe(0);
  await drawer.getByRole('button', { name: 'Undo' }).click();
  await drawer.getByRole('heading', { name: 'Pinned' }).waitFor();

  await menu('Disks of db-1').click();
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('menuitem', { name: 'Export as Markdown' }).click(),
  ]);
  expect(download.suggestedFilename()).toBe('Disks of db-1.md');

  await menu('Disks of db-1').click();
  await page.getByRole('menuitem', { name: 'Archive' }).click();
  await drawer.getByRole('status').getByText('was archived').waitFor();
  await drawer.getByRole('button', { name: 'Show' }).click();
  await page.getByRole('menuitemradio', { name: 'Archived' }).click();
  await listRows(drawer).filter({ hasText: 'Disks of db-1' }).click();
  await drawer.waitFor({ state: 'detached' });
  await expect.poll(() => new URL(page.url()).searchParams.get('session')).toBe(oldest.id);

  await openDrawer(page);
  await page.keyboard.press('Escape');
  await drawer.waitFor({ state: 'detached' });
  expect(await button.evaluate((element) => element === document.activeElement)).toBe(true);
  expect(faults).toEqual([]);
  await page.context().close();
});

inBrowser.for([
  { locale: 'en-US', phone: false, sessions: 'Sessions', search: 'Search sessions', found: '1 match' },
  { locale: 'zh-CN', phone: true, sessions: '会话', search: '搜索会话', found: '1 条匹配' },
])('a search in $locale finds a message and opens it', async ({ locale, phone, sessions, search, found }) => {
  const faults: string[] = [];
  const { user, instanceId, needleSession } = await createOwner();
  const viewport = phone ? { width: 390, height: 844 } : { width: 1280, height: 860 };
  const options = { locale, viewport, hasTouch: phone, colorScheme: phone ? 'dark' : 'light' } as const;
  const url = `${app.url}/agents/${instanceId}`;
  const page = await openPage(browser, { url, cookie: user.cookie }, faults, options);
  await page.getByRole('button', { name: sessions, exact: true }).click();
  const drawer = page.getByTestId('session-drawer');
  await drawer.getByRole('searchbox', { name: search }).fill('磁盘');
  await drawer.getByRole('searchbox', { name: search }).fill('重启 NEEDLE');
  await drawer.getByText(found, { exact: true }).waitFor();
  expect(await drawer.locator('mark').allTextContents()).toEqual(['重启', 'needle']);
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await drawer.waitFor({ state: 'detached' });
  await page.getByText(needle).waitFor();
  await expect.poll(() => new URL(page.url()).searchParams.get('session')).toBe(needleSession);
  expect(faults).toEqual([]);
  await page.context().close();
});
