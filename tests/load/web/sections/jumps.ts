import type { Bench } from '../bench.ts';
import { newHistory } from '../history.ts';
import { toWebRow } from '../report.ts';
import { openTab, type Tab } from '../tab.ts';

type Jump = { origin: string; url: string; rows: string; text: string; go(tab: Tab): Promise<unknown> };

/** Measures the jump from the end of 5,000 turns to the first one. */
export async function jumps(bench: Bench) {
  const { world, baseline, browser } = bench;
  const sessionId = await newHistory(world, 5_000);
  const measure = async ({ origin, url, rows, text, go }: Jump) => {
    await using tab = await openTab(browser, { origin, cookie: world.cookie });
    await tab.page.goto(url, { waitUntil: 'networkidle' });
    await tab.page.locator(rows).first().waitFor();
    const start = performance.now();
    await go(tab);
    await tab.page.getByText(text, { exact: true }).waitFor();
    return performance.now() - start;
  };
  const first = 'Question 1: how is web-1?';
  const floor = await measure({
    ...{ origin: baseline.url, url: `${baseline.url}/session`, rows: 'main p', text: first },
    go: ({ page }) => page.getByRole('button', { name: 'First' }).click(),
  });
  const ours = { origin: bench.url, url: bench.toSessionUrl(sessionId), rows: '[role=log] article' };
  const toFirst = await measure({ ...ours, text: first, go: ({ page }) => page.getByRole('log').press('Home') });
  return [toWebRow('jump to the first of 5,000 turns, ms', { value: toFirst, baseline: floor }, { atMost: 1_000 })];
}
