import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';
import { HANG_LIMIT_MS } from './hang-limit.ts';

const candidates = [process.env.CHROMIUM_PATH, '/usr/bin/chromium', chromium.executablePath()];
const executablePath = candidates.find((path) => path && existsSync(path));

export const hasBrowser = executablePath !== undefined;
export const browserHint =
  'No Chromium found. Install one (Debian: apt-get install chromium; elsewhere: npx playwright install chromium), or set CHROMIUM_PATH.';

// Benchmarks use the browser too, without a test runner.
const describeFailures = process.env.VITEST ? (await import('./describe-pages.ts')).describeFailures : undefined;

export async function launchBrowser(): Promise<Browser> {
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
  return browser;
}
