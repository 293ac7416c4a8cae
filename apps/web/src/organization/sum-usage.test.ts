import { expect, test } from 'vitest';
import { listDays, sumByAgent, type UsageOfDay } from './sum-usage.ts';

const row = (day: string, instanceId: string | null, tasks: number): UsageOfDay => ({
  ...{ day, instanceId, instanceName: instanceId, ownerId: 'o', ownerName: 'Ada', tasks, failed: 0, seconds: 10 },
  ...{ inputTokens: 100, outputTokens: 1, cachedTokens: 0, counted: 1, unpriced: 1 },
  costs: [{ currency: instanceId ? 'USD' : 'CNY', amount: 0.5 }],
});

test('sumByAgent sums up the days of each agent, those with most tasks first', () => {
  const rows = [row('2026-03-02', null, 1), row('2026-03-01', 'a', 2), row('2026-03-02', 'a', 3)];
  expect(sumByAgent(rows).map(({ instanceId, tasks, seconds }) => [instanceId, tasks, seconds])).toEqual([
    ['a', 5, 20],
    [null, 1, 10],
  ]);
  expect(rows[1]!.tasks).toBe(2);
});

test('sumByAgent sorts agents with as many tasks by name, with numbers as numbers', () => {
  const rows = ['web-10', 'web-2', 'db-1'].map((name) => row('2026-03-01', name, 1));
  expect(sumByAgent(rows).map(({ instanceName }) => instanceName)).toEqual(['db-1', 'web-2', 'web-10']);
});

test('sumByAgent sums up costs of the same currency', () => {
  const rows = [
    row('2026-03-01', 'a', 2),
    row('2026-03-02', 'a', 3),
    { ...row('2026-03-03', null, 1), instanceId: 'a' },
  ];
  const [sum] = sumByAgent(rows);
  expect(sum).toMatchObject({
    unpriced: 3,
    costs: [
      { currency: 'USD', amount: 1 },
      { currency: 'CNY', amount: 0.5 },
    ],
  });
});

test('listDays has every day of the time zone, also over the end of a month', () => {
  const now = Date.parse('2026-03-01T20:00:00Z');
  const rows = [row('2026-03-02', 'a', 4), row('2026-03-02', null, 1), row('2026-02-28', 'a', 2)];
  expect(listDays(rows, { days: 3, now, timeZone: 'Asia/Shanghai' })).toEqual([
    { day: '2026-02-28', tasks: 2 },
    { day: '2026-03-01', tasks: 0 },
    { day: '2026-03-02', tasks: 5 },
  ]);
});
