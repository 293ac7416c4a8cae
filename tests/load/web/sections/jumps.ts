import { quoteTenantSchema } from '@it0/db/sql';
import type { Bench } from '../bench.ts';
import { newHistory } from '../history.ts';
import { toWebRow } from '../report.ts';
import { openTab, type Tab } from '../tab.ts';

type Jump = {
  origin: string;
  url: string;
  rows: string;
  text: string;
  prepare?(tab: Tab): Promise<unknown>;
  go(tab: Tab): Promise<unknown>;
};

/** Measures jumps from the end of 5,000 turns to the first one, and to a date in the middle. */
export async function jumps(bench: Bench) {
  const { world, baseline, browser } = bench;
  const sessionId = await newHistory(world, 5_000);
  const measure = async ({ origin, url, rows, text, prepare, go }: Jump) => {
    await using tab = await openTab(browser, { origin, cookie: world.cookie });
    await tab.page.goto(url, { waitUntil: 'networkidle' });
    await tab.page.locator(rows).first().waitFor();
    await prepare?.(tab);
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
  const { day, text } = await findDay(bench, sessionId);
  const toDay = await measure({
    ...ours,
    text,
    prepare: ({ page }) => page.getByRole('log').evaluate((box) => box.scrollBy(0, -1_000)),
    go: ({ page }) => page.getByTestId('day-picker').fill(day, { force: true }),
  });
  return [
    toWebRow('jump to the first of 5,000 turns, ms', { value: toFirst, baseline: floor }, { atMost: 1_000 }),
    toWebRow('jump to a date of 5,000 turns, ms', { value: toDay, baseline: floor }, { atMost: 1_000 }),
  ];
}

/** Returns a day in the middle of the session, and its first message. */
async function findDay({ world: { db, tenantId } }: Bench, sessionId: string) {
  const midnight = new Date();
  midnight.setHours(0, 0, 0, 0);
  midnight.setDate(midnight.getDate() - 100);
  const { rows } = await db.pool.query<{ text: string }>(
    `SELECT "parts"->0->>'text' AS "text" FROM ${quoteTenantSchema(tenantId)}."ConversationMessage"
     WHERE "sessionId" = $1 AND "role" = 'USER' AND "createdAt" >= $2 ORDER BY "seq" LIMIT 1`,
    [sessionId, midnight],
  );
  const [year, month, date] = [midnight.getFullYear(), midnight.getMonth() + 1, midnight.getDate()];
  const day = [year, month, date].map((part) => String(part).padStart(2, '0')).join('-');
  return { day, text: rows[0]!.text };
}
