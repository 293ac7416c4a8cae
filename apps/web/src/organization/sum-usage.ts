import type { AppRouter } from '@it0/api/router';
import type { inferRouterOutputs } from '@trpc/server';

/** Tasks of one person with one agent on one day. */
export type UsageOfDay = inferRouterOutputs<AppRouter>['usage']['byDay'][number];

const SUMS = [
  'tasks',
  'failed',
  'seconds',
  'inputTokens',
  'outputTokens',
  'cachedTokens',
  'counted',
  'unpriced',
] as const;

const names = new Intl.Collator(undefined, { numeric: true });

/** Sums up the days of each agent and person, those with most tasks first, and of these by name. */
export function sumByAgent(rows: readonly UsageOfDay[]): UsageOfDay[] {
  const sums = new Map<string, UsageOfDay>();
  for (const row of rows) {
    const key = `${row.instanceId} ${row.ownerId}`;
    const sum = sums.get(key);
    if (!sum) sums.set(key, { ...row, costs: sumCosts(row.costs) });
    else {
      for (const field of SUMS) sum[field] += row[field];
      sum.costs = sumCosts([...sum.costs, ...row.costs]);
    }
  }
  return [...sums.values()].sort(
    (a, b) => b.tasks - a.tasks || names.compare(a.instanceName ?? '', b.instanceName ?? ''),
  );
}

/** Sums up amounts by their currency. */
export function sumCosts(costs: UsageOfDay['costs']): UsageOfDay['costs'] {
  const sums = new Map<string, number>();
  for (const { currency, amount } of costs) sums.set(currency, (sums.get(currency) ?? 0) + amount);
  return [...sums].map(([currency, amount]) => ({ currency, amount }));
}

/** Returns the number of tasks of each of the last days, also of those without any, the oldest first. */
export function listDays(
  rows: readonly UsageOfDay[],
  { days, now, timeZone }: { days: number; now: number; timeZone: string },
): { day: string; tasks: number }[] {
  const tasks = new Map<string, number>();
  for (const row of rows) tasks.set(row.day, (tasks.get(row.day) ?? 0) + row.tasks);
  const today = new Date(`${new Intl.DateTimeFormat('sv-SE', { timeZone }).format(now)}T00:00:00Z`);
  return Array.from({ length: days }, (_, index) => {
    const date = new Date(today);
    date.setUTCDate(date.getUTCDate() - (days - 1 - index));
    const day = date.toISOString().slice(0, 10);
    return { day, tasks: tasks.get(day) ?? 0 };
  });
}
