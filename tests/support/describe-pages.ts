import type { Browser, Page } from 'playwright-core';
import { afterEach, beforeEach } from 'vitest';

/** Number of characters of a page's text that are reported. */
const TEXT_CHARS = 3_000;

const browsers = new Set<Browser>();
/** Pages that the test has closed, since a test closes its pages before it is known to have failed. */
let closed: string[] = [];

beforeEach(() => {
  closed = [];
});
afterEach(async ({ task }) => {
  const error = task.result?.state === 'fail' && task.result.errors?.[0];
  if (!error) return;
  const pages = [...browsers].flatMap((browser) => browser.contexts()).flatMap((context) => context.pages());
  error.message += ['', ...closed, ...(await Promise.all(pages.map(describePage)))].join('\n\n');
});

/** Adds address and text of the pages of a browser to the error of a test of this file. */
export function describeFailures(browser: Browser): void {
  browsers.add(browser);
  browser.on('disconnected', () => browsers.delete(browser));
  describeBeforeClose(browser, () => browser.contexts().flatMap((context) => context.pages()));
  browser.on('context', (context) => {
    describeBeforeClose(context, () => context.pages());
    context.on('page', (page) => describeBeforeClose(page, () => [page]));
  });
}

function describeBeforeClose(target: { close(): Promise<void> }, listPages: () => Page[]) {
  const close = target.close.bind(target);
  target.close = async (...options) => {
    closed.push(...(await Promise.all(listPages().map(describePage))));
    await close(...options);
  };
}

async function describePage(page: Page): Promise<string> {
  const text = await page.evaluate(() => document.body.innerText).catch(String);
  return `${page.url()}\n${text.replaceAll(/\n{2,}/g, '\n').slice(0, TEXT_CHARS)}`;
}
