import { appendFileSync, cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { hasBrowser, launchBrowser } from '@it0/tests/support/browser';
import { createFixture } from '@it0/tests/support/fixture';
import { openPage } from '@it0/tests/support/open-page';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';

const webDir = fileURLToPath(new URL('../../apps/web/dist', import.meta.url));
const inBrowser = test.runIf(hasBrowser);
let browser: Browser;

beforeAll(async () => {
  if (hasBrowser) browser = await launchBrowser();
});
afterAll(() => browser?.close());

/** Opens the page of the signed-in owner, and waits until its service worker is in control. */
async function open(world: Awaited<ReturnType<typeof createFixture>>, locale: string) {
  const { app, user } = world;
  const options = { locale, serviceWorkers: 'allow' } as const;
  const page = await openPage(browser, { url: app.url, cookie: user.cookie }, [], options);
  await page.getByTestId('agent-card').waitFor();
  await page.waitForFunction(() => navigator.serviceWorker.controller);
  return page;
}

const listCached = (page: Page) =>
  page.evaluate(async () => {
    const stores = await Promise.all((await caches.keys()).map((name) => caches.open(name)));
    return (await Promise.all(stores.map((store) => store.keys()))).flat().map(({ url }) => new URL(url).pathname);
  });

inBrowser(
  'the app opens while the server is away, says so in the language of the person, and goes on with it',
  async () => {
    await using world = await createFixture({ webDir });
    const { app, instance } = world;
    const [english, chinese] = [await open(world, 'en-GB'), await open(world, 'zh-CN')];
    await app.stop();
    await Promise.all([english.reload(), chinese.goto(`${app.url}/agents/${instance.id}`)]);
    await english.getByText('The server is not responding').waitFor();
    await chinese.getByText('服务器没有响应').waitFor();
    await app.restart();
    await english.getByTestId('agent-card').waitFor();
    await chinese.getByTestId('composer').waitFor();
    const cached = await listCached(english);
    expect(cached).toContain('/index.html');
    expect(cached.filter((path) => !/^\/(assets\/|index\.html$|icon\.svg$)/.test(path))).toEqual([]);
  },
);

inBrowser('a message that was not sent when its tab was closed is sent by the next one', async () => {
  await using world = await createFixture({ webDir });
  const { app, bridge } = world;
  const page = await open(world, 'en-GB');
  await page.getByTestId('agent-card').click();
  await page.getByTestId('composer').waitFor();
  await app.stop();
  await page.getByTestId('composer').fill('restart nginx');
  await page.getByTestId('send').click();
  // Overwrites the stored draft.
  await page.getByTestId('composer').fill('then show the disks');
  const next = await page.context().newPage();
  await page.close();
  await app.restart();
  await next.goto(app.url);
  await next.getByTestId('agent-card').click();
  expect((await bridge.task('restart nginx')).message).toBe('restart nginx');
  await next.getByText('restart nginx').waitFor();
  expect(await next.getByTestId('composer').inputValue()).toBe('then show the disks');
  const listStored = () => Object.keys(localStorage).filter((key) => key.endsWith('.unsent'));
  await expect.poll(() => next.evaluate(listStored)).toEqual([]);
});

inBrowser(
  'an open page offers to reload when the server has a newer version, and stays as it is until then',
  async () => {
    const copy = mkdtempSync(join(tmpdir(), 'it0-web-'));
    try {
      cpSync(webDir, copy, { recursive: true });
      await using world = await createFixture({ webDir: copy });
      const page = await open(world, 'en-GB');
      await page.getByTestId('agent-card').click();
      await page.getByTestId('composer').fill('half a message');
      for (const ending of ['.br', '.gz']) rmSync(join(copy, `service-worker.js${ending}`));
      appendFileSync(join(copy, 'service-worker.js'), '// A newer version.\n');
      await world.app.restart();
      const reload = page.getByRole('button', { name: 'Reload', exact: true });
      await reload.waitFor();
      expect(await page.getByTestId('composer').inputValue()).toBe('half a message');
      await Promise.all([page.waitForEvent('load'), reload.click()]);
      await page.getByTestId('composer').waitFor();
      expect(await page.getByTestId('composer').inputValue()).toBe('half a message');
      expect(await page.evaluate(async () => (await navigator.serviceWorker.ready).waiting)).toBe(null);
    } finally {
      rmSync(copy, { recursive: true });
    }
  },
);
