import type { Browser, BrowserContext, CDPSession, Page } from 'playwright-core';

/** A slow mobile connection. */
const SLOW = { latency: 150, throughput: (1.6 * 1_000_000) / 8 };

export type Tab = { page: Page; context: BrowserContext; cdp: CDPSession } & AsyncDisposable;

type TabOptions = { origin: string; cookie?: string; slow?: boolean };

/** Opens an empty tab without a cache, signed in if there is a cookie. */
export async function openTab(browser: Browser, { origin, cookie, slow }: TabOptions): Promise<Tab> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'en' });
  if (cookie) {
    const [name, value] = cookie.split(/=(.*)/s) as [string, string];
    await context.addCookies([{ name, value, url: origin }]);
  }
  const page = await context.newPage();
  const cdp = await context.newCDPSession(page);
  // CPU time of the main thread, which other processes of the machine do not extend.
  await cdp.send('Performance.enable', { timeDomain: 'threadTicks' });
  await cdp.send('Network.enable');
  if (slow)
    await cdp.send('Network.emulateNetworkConditions', {
      ...{ offline: false, latency: SLOW.latency },
      ...{ downloadThroughput: SLOW.throughput, uploadThroughput: SLOW.throughput },
    });
  return { page, context, cdp, [Symbol.asyncDispose]: () => context.close() };
}

/** Counts the bytes on the wire of what a page loads, headers included. `scripts` are those of JavaScript files. */
export function countBytes(cdp: CDPSession) {
  const types = new Map<string, string>();
  const sum = { all: 0, scripts: 0 };
  cdp.on('Network.responseReceived', ({ requestId, type }) => types.set(requestId, type));
  cdp.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    sum.all += encodedDataLength;
    if (types.get(requestId) === 'Script') sum.scripts += encodedDataLength;
  });
  return sum;
}

/** Returns a function that returns how many calls for data have followed on each other so far. */
export function countRoundTrips(cdp: CDPSession) {
  const calls = new Map<string, { sentAt: number; endedAt: number }>();
  cdp.on('Network.requestWillBeSent', ({ requestId, type, timestamp }) => {
    if (type === 'Fetch' || type === 'XHR') calls.set(requestId, { sentAt: timestamp, endedAt: Infinity });
  });
  cdp.on('Network.loadingFinished', ({ requestId, timestamp }) => {
    const call = calls.get(requestId);
    if (call) call.endedAt = timestamp;
  });
  return () => {
    const done = [...calls.values()].sort((a, b) => a.sentAt - b.sentAt);
    const depths: number[] = [];
    for (const { sentAt } of done) {
      const before = done.map(({ endedAt }, index) => (endedAt <= sentAt ? (depths[index] ?? 0) : 0));
      depths.push(1 + Math.max(0, ...before));
    }
    return Math.max(0, ...depths);
  };
}

/** Opens an address, and returns the milliseconds until the element is visible. */
export async function timeUntilVisible({ page }: Tab, url: string, selector: string) {
  const start = performance.now();
  await page.goto(url, { waitUntil: 'commit' });
  await page.locator(selector).first().waitFor();
  return performance.now() - start;
}
