import type { Bench } from '../bench.ts';
import { measureFrames } from '../frames.ts';
import { addRunningTask, newHistory } from '../history.ts';
import { toWebRow } from '../report.ts';
import { paceDeltas, streamAnswer, writeAnswer } from '../stream.ts';
import { openTab, type Tab } from '../tab.ts';

const KEYS = 60;
const KEY_MS = 200;

/** Measures a reply of 200 deltas a second at the end of 10,000 messages, while the next message is typed. */
export async function streaming(bench: Bench) {
  const { world, baseline, browser } = bench;
  const text = writeAnswer(bench.quick ? 4_000 : 12_000);
  const session = await addRunningTask(world, await newHistory(world, 5_000));

  const measure = async (origin: string, url: string, rows: string, stream: () => Promise<unknown>) => {
    await using tab = await openTab(browser, { origin, cookie: world.cookie });
    await tab.page.goto(url, { waitUntil: 'networkidle' });
    await tab.page.locator(rows).first().waitFor();
    return await measureFrames(tab, () => Promise.all([stream(), typeKeys(tab, bench.quick ? KEYS / 3 : KEYS)]));
  };
  const floor = await measure(baseline.url, `${baseline.url}/session?count=10000`, 'main p', () =>
    paceDeltas(text, baseline.send),
  );
  const ours = await measure(bench.url, bench.toSessionUrl(session.sessionId), '[role=log] article', () =>
    streamAnswer(world, session, text),
  );
  const pick = (key: keyof typeof ours) => ({ value: ours[key], baseline: floor[key] });
  return [
    toWebRow('streaming 200 deltas/s, frames/s', pick('framesPerSecond'), { atLeast: 58 }),
    toWebRow('streaming, CPU of the main thread, %', pick('mainThread'), { atMost: 45 }),
    toWebRow('streaming, tasks above 50 ms', pick('longTasks'), { atMost: 3 }),
    toWebRow('streaming, key to paint, 95th percentile, ms', pick('keyMs'), { atMost: 30 }),
  ];
}

async function typeKeys({ page }: Tab, count: number) {
  await page.locator('textarea').first().focus();
  for (let key = 0; key < count; key++) {
    await page.keyboard.press('abcdefghij'[key % 10]!);
    await page.waitForTimeout(KEY_MS);
  }
}
