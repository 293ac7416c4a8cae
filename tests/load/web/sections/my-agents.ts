import { median } from '../../report.ts';
import type { Bench } from '../bench.ts';
import { toWebRow } from '../report.ts';
import { openTab, timeUntilVisible } from '../tab.ts';

/** Measures the time until an agent can be opened, at 1.6 Mbit/s with a latency of 150 ms. */
export async function myAgents(bench: Bench) {
  const measure = async (origin: string, path: string, selector: string) => {
    await using tab = await openTab(bench.browser, { origin, cookie: bench.world.cookie, slow: true });
    return await timeUntilVisible(tab, origin + path, selector);
  };
  const rounds: { value: number; baseline: number }[] = [];
  for (let round = 0; round < bench.rounds; round++)
    rounds.push({
      baseline: await measure(bench.baseline.url, '/agents', 'main a'),
      value: await measure(bench.url, '/', '[data-testid=agent-card]'),
    });
  const toMedian = (key: 'value' | 'baseline') => median(rounds.map((round) => round[key]))!;
  const measured = { value: toMedian('value'), baseline: toMedian('baseline') };
  return [toWebRow('My Agents at 1.6 Mbit/s and 150 ms, usable after ms', measured, { atMost: 1_800 })];
}
