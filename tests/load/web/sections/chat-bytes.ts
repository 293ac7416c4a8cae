import type { Bench } from '../bench.ts';
import { newHistory } from '../history.ts';
import { toWebRow } from '../report.ts';
import { countBytes, openTab } from '../tab.ts';

/** Measures the JavaScript on the wire until a conversation is shown. */
export async function chatBytes(bench: Bench) {
  const sessionId = await newHistory(bench.world, 1);
  const measure = async (origin: string, url: string, selector: string) => {
    await using tab = await openTab(bench.browser, { origin, cookie: bench.world.cookie });
    const bytes = countBytes(tab.cdp);
    await tab.page.goto(url, { waitUntil: 'commit' });
    await tab.page.locator(selector).first().waitFor();
    return bytes;
  };
  const { scripts } = await measure(bench.url, bench.toSessionUrl(sessionId), '[role=log] article');
  // The script of the baseline is part of its page.
  const { all } = await measure(bench.baseline.url, `${bench.baseline.url}/session?count=2`, 'main p');
  const measured = { value: scripts / 1_000, baseline: all / 1_000 };
  return [toWebRow('chat, kB of JavaScript on the wire', measured, { atMost: 180 })];
}
