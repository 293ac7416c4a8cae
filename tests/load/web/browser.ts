import type { Browser, BrowserContext, CDPSession, Page } from 'playwright-core';

/** A slow mobile connection. */
export const SLOW = { latency: 150, throughput: (1.6 * 1_000_000) / 8 };

export type Tab = { page: Page; context: BrowserContext; cdp: CDPSession } & AsyncDisposable;

type TabOptions = { cookie?: string; slow?: boolean; origin: string };

/** Opens an empty tab without a cache, signed in if there is a cookie. */
export async function openTab(browser: Browser, { cookie, slow, origin }: TabOptions): Promise<Tab> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'en' });
  if (cookie) {
    const [name, value] = cookie.split(/=(.*)/s) as [string, string];
    await context.addCookies([{ name, value, url: origin }]);
  }
  const page = await context.newPage();
  const cdp = await context.newCDPSession(page);
  await cdp.send('Performance.enable');
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

/** Frames, long tasks and keys that a page measures about itself. */
export type Record = { frames: number; longTasks: number; keys: number[]; jumps: number };

/** Measures the frame rate, the long tasks and the time of the main thread while `run` runs. */
export async function measureFrames({ page, cdp }: Tab, run: () => Promise<unknown>) {
  await page.evaluate(startRecorder);
  const readTaskSeconds = async () => {
    const { metrics } = await cdp.send('Performance.getMetrics');
    return metrics.find(({ name }) => name === 'TaskDuration')!.value;
  };
  const [start, tasksBefore] = [performance.now(), await readTaskSeconds()];
  await run();
  const seconds = (performance.now() - start) / 1_000;
  const busy = (await readTaskSeconds()) - tasksBefore;
  const { frames, longTasks, keys } = await page.evaluate(() => (window as unknown as { record: Record }).record);
  return {
    fps: frames / seconds,
    longTasks,
    mainThread: (busy / seconds) * 100,
    keyP95: percentile(keys, 0.95),
    seconds,
  };
}

/** Runs in the page. */
function startRecorder() {
  const record: Record = { frames: 0, longTasks: 0, keys: [], jumps: 0 };
  Object.assign(window, { record });
  const count = () => {
    record.frames++;
    requestAnimationFrame(count);
  };
  requestAnimationFrame(count);
  new PerformanceObserver((list) => {
    record.longTasks += list.getEntries().length;
  }).observe({ type: 'longtask' });
  addEventListener(
    'keydown',
    ({ timeStamp }) =>
      requestAnimationFrame(() => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => record.keys.push(performance.now() - timeStamp);
        port2.postMessage(null);
      }),
    true,
  );
}

export function percentile(values: number[], share: number) {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}
