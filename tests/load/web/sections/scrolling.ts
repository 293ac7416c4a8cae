import type { Bench } from '../bench.ts';
import { addRunningTask, newHistory } from '../history.ts';
import { toWebRow } from '../report.ts';
import { openTab } from '../tab.ts';

const STEPS = { count: 250, px: 240 };

/** Measures scrolling up through pages of 10,000 messages: steps after which the text has moved by anything else. */
export async function scrolling(bench: Bench) {
  const { world, baseline, browser } = bench;
  const sessionId = await newHistory(world, 5_000);
  // With a message that has no reply yet, pages begin between a message and its reply.
  await addRunningTask(world, sessionId);
  const measure = async (origin: string, url: string, box: string, rows: string) => {
    await using tab = await openTab(browser, { origin, cookie: world.cookie });
    await tab.page.goto(url, { waitUntil: 'networkidle' });
    await tab.page.locator(rows).first().waitFor();
    return await tab.page.evaluate(countJumps, { box, ...STEPS });
  };
  const value = await measure(bench.url, bench.toSessionUrl(sessionId), '[role=log]', '[role=log] article');
  const floor = await measure(baseline.url, `${baseline.url}/session?count=10000`, 'main', 'main p');
  return [toWebRow('scrolling up, jumps of 250 steps', { value, baseline: floor }, { atMost: 0 })];
}

/** Runs in the page. */
async function countJumps({ box: selector, count, px }: { box: string; count: number; px: number }) {
  const box = document.querySelector(selector)!;
  const nextFrame = () => new Promise((resolve) => requestAnimationFrame(resolve));
  const { left, width, top, height } = box.getBoundingClientRect();
  const findText = () => {
    for (let y = top + height * 0.4; ; y += 5) {
      const text = document.elementFromPoint(left + width / 2, y)!.closest('article, p');
      if (text) return text;
    }
  };
  let jumps = 0;
  for (let step = 0; step < count; step++) {
    const element = findText();
    const expected = element.getBoundingClientRect().top + Math.min(px, box.scrollTop);
    box.scrollBy(0, -px);
    await nextFrame();
    await nextFrame();
    // At the top of what is loaded, the reader waits for the next page.
    while (box.scrollTop === 0) await nextFrame();
    if (Math.abs(element.getBoundingClientRect().top - expected) > 3) jumps++;
  }
  return jumps;
}
