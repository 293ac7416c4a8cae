import { median } from '../../report.ts';
import type { Bench } from '../bench.ts';
import { newHistory } from '../history.ts';
import { toWebRow } from '../report.ts';
import { countRoundTrips, openTab, timeUntilVisible } from '../tab.ts';

/** Measures opening a link to a session of 10,000 messages: calls for data in a row, and the time to the first rows. */
export async function deepLink(bench: Bench) {
  const sessionId = await newHistory(bench.world, 5_000);
  const measure = async (origin: string, url: string, selector: string) => {
    await using tab = await openTab(bench.browser, { origin, cookie: bench.world.cookie });
    const count = countRoundTrips(tab.cdp);
    const ms = await timeUntilVisible(tab, url, selector);
    return { ms, trips: count() };
  };
  const rounds: { value: { ms: number; trips: number }; baseline: { ms: number; trips: number } }[] = [];
  for (let round = 0; round < bench.rounds; round++)
    rounds.push({
      baseline: await measure(bench.baseline.url, `${bench.baseline.url}/session`, 'main p'),
      value: await measure(bench.url, bench.toSessionUrl(sessionId), '[role=log] article'),
    });
  const toMedian = (key: 'ms' | 'trips') => ({
    value: median(rounds.map(({ value }) => value[key]))!,
    baseline: median(rounds.map(({ baseline }) => baseline[key]))!,
  });
  return [
    toWebRow('link to a session, calls in a row', toMedian('trips'), { atMost: 2 }),
    toWebRow('link to a session, first rows after ms', toMedian('ms'), { atMost: 1_000 }),
  ];
}
