import type { Browser, BrowserContextOptions, Page } from 'playwright-core';

/**
 * Opens a page of the server in a new browser context, signed in and without its service worker. Errors of the page are added
 * to `faults`.
 */
export async function openPage(
  browser: Browser,
  { url, cookie }: { url: string; cookie: string },
  faults: string[],
  options: BrowserContextOptions = {},
): Promise<Page> {
  const context = await browser.newContext({
    ...{ viewport: { width: 1280, height: 860 }, serviceWorkers: 'block' },
    ...options,
  });
  const [name, value] = cookie.split(/=(.*)/s) as [string, string];
  await context.addCookies([{ name, value, url: new URL(url).origin }]);
  const page = await context.newPage();
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
  await page.goto(url);
  return page;
}
