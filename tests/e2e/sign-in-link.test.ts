import { fileURLToPath } from 'node:url';
import { createSignInLink } from '@it0/api/auth/sign-in-link';
import { testApp } from '@it0/tests/support/app';
import { hasBrowser, launchBrowser } from '@it0/tests/support/browser';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';

const webDir = fileURLToPath(new URL('../../apps/web/dist', import.meta.url));
const inBrowser = test.runIf(hasBrowser);
const password = 'correct horse battery';
let browser: Browser;

beforeAll(async () => {
  if (hasBrowser) browser = await launchBrowser();
});
afterAll(() => browser?.close());

async function createWorld(options: Parameters<typeof testApp>[0] = {}) {
  const app = await testApp({ webDir, ...options });
  const ada = await app.newUser({ name: 'Ada', email: 'ada@example.com', password });
  const newLink = async () => `${app.url}/sign-in/${await createSignInLink(app.database, ada.id)}`;
  const newPage = async (locale = 'en-GB') => (await browser.newContext({ locale })).newPage();
  return { app, ada, newLink, newPage, [Symbol.asyncDispose]: () => app[Symbol.asyncDispose]() };
}
const readName = (page: Page) =>
  page.evaluate(async () => (await (await fetch('/trpc/auth.me')).json()).result?.data.user.name ?? 'nobody');
const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });

inBrowser('opening a sign-in link does not redeem it, and the Enter key does', async () => {
  await using world = await createWorld();
  const { newLink, newPage } = world;
  const link = await newLink();
  for (let n = 0; n < 2; n++) {
    const preview = await newPage();
    await preview.goto(link);
    await preview.getByText('This link signs you in as Ada').waitFor();
    expect(await readName(preview)).toBe('nobody');
    await preview.context().close();
  }
  const page = await newPage();
  await page.goto(link);
  const enter = button(page, 'Sign in as Ada');
  await enter.waitFor();
  expect(await enter.evaluate((element) => element === document.activeElement)).toBe(true);
  await page.keyboard.press('Enter');
  await page.waitForURL((url) => url.pathname === '/');
  expect(await readName(page)).toBe('Ada');

  await page.goto(link);
  await page.getByRole('alert').getByText('has expired or was already used').waitFor();
  expect(await readName(page)).toBe('Ada');
  const latePage = await newPage();
  await latePage.goto(link);
  await latePage.getByRole('alert').getByText('has expired or was already used').waitFor();
  await button(latePage, 'Sign in').waitFor();
});

inBrowser(
  'a sign-in link asks before it replaces the login of another person, and is not redeemed by its own person',
  async () => {
    await using world = await createWorld();
    const { app, newLink, newPage } = world;
    const grace = await app.newUser({ name: 'Grace', email: 'grace@example.com' });
    const link = await newLink();
    const page = await newPage('zh-CN');
    const [name = '', value = ''] = grace.cookie.split(/=(.*)/s);
    await page.context().addCookies([{ name, value, url: app.url }]);
    await page.goto(link);
    await page.getByRole('alert').getByText('你当前以 grace@example.com 登录').waitFor();
    expect(await readName(page)).toBe('Grace');
    await button(page, '以 Ada 登录').click();
    await page.waitForURL((url) => url.pathname === '/');
    expect(await readName(page)).toBe('Ada');
    await page.goto(await newLink());
    await page.getByText('链接尚未使用').waitFor();
  },
);

inBrowser('a page over http links to the https address, and does not redeem a sign-in link', async () => {
  await using world = await createWorld({ publicUrl: 'https://ops.example.com' });
  const { app, newLink, newPage } = world;
  const link = await newLink();
  const { pathname } = new URL(link);
  const page = await newPage();
  for (const path of [pathname, '/sign-in']) {
    await page.goto(app.url + path);
    await page.getByRole('alert').getByText('cannot keep you signed in').waitFor();
    const leads = await page.getByRole('link', { name: 'https://ops.example.com' }).getAttribute('href');
    expect(leads).toBe(`https://ops.example.com${path}`);
    expect(await page.getByRole('button', { name: /^Sign in/ }).count()).toBe(0);
  }
  const token = pathname.split('/').at(-1)!;
  expect(await app.client().auth.showSignInLink.query({ token })).toMatchObject({ name: 'Ada' });
});

inBrowser('the page of a reset link lists the API keys of the account, and ends them by default', async () => {
  await using world = await createWorld();
  const { app, newPage } = world;
  const operator = await app.newUser({ name: 'Oskar', email: 'oskar@example.com', role: 'operator', password });
  const client = app.client({ bearer: operator.bearer });
  await client.apiKey.create.mutate({ name: 'deploy', scopes: ['instance:read'], days: null });
  const owner = app.client({ bearer: (await app.newUser()).bearer });
  const { token } = await owner.member.resetLink.mutate({ userId: operator.id });
  const page = await newPage();
  await page.goto(`${app.url}/reset-password?token=${token}`);
  await page.getByText('For oskar@example.com').waitFor();
  await page.getByText('deploy').waitFor();
  expect(await page.getByRole('checkbox', { name: /^Also revoke the API key/ }).isChecked()).toBe(true);
  await page.getByLabel('New password', { exact: true }).fill('a password of tomorrow');
  await button(page, 'Set password').click();
  await page.getByText('Your new password is set').waitFor();
  expect(await app.database.platform.apiKey.count()).toBe(0);
  await page.goto(`${app.url}/reset-password?token=${token}`);
  await page.getByRole('heading', { name: 'This link does not work' }).waitFor();
});
