import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';
import { HANG_LIMIT_MS } from './hang-limit.ts';

// The headless shell draws the same pages, and needs a quarter less processor time, since it has no window.
const candidates = [
  process.env.CHROMIUM_PATH,
  '/usr/bin/chromium-headless-shell',
  '/usr/bin/chromium',
  chromium.executablePath(),
];
const executablePath = candidates.find((path) => path && existsSync(path));

export const hasBrowser = executablePath !== undefined;
export const browserHint =
  'No Chromium found. Install one (Debian: apt-get install chromium-headless-shell; elsewhere: npx playwright install chromium), or set CHROMIUM_PATH.';

// Benchmarks use the browser too, without a test runner.
const describeFailures = process.env.VITEST ? (await import('./describe-pages.ts')).describeFailures : undefined;

/**
 * Launches a browser. Its pages do not animate unless `isAnimated` or a context asks for it: without a graphics card, a
 * page that shows for some seconds that it waits costs more processor time than the rest of its test.
 */
export async function launchBrowser({ isAnimated = false } = {}): Promise<Browser> {
  if (!executablePath) throw new Error(browserHint);
  const browser = await chromium.launch({
    executablePath,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
  browser.on('context', (context) => context.setDefaultTimeout(HANG_LIMIT_MS));
  describeFailures?.(browser);
  if (!isAnimated) {
    const newContext = browser.newContext.bind(browser);
    browser.newContext = (options) => newContext({ reducedMotion: 'reduce', ...options });
  }
  return browser;
}
