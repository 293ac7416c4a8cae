/** A row of the report. `baseline` is the same measurement of the baseline page; null where it has none. */
export type WebRow = { section: string; value: number; baseline: number | null; goal: number; ok: boolean };

type Measured = { value: number; baseline: number | null };
type Goal = { atMost: number } | { atLeast: number };

export function toWebRow(section: string, { value, baseline }: Measured, goal: Goal): WebRow {
  const [limit, ok] = 'atMost' in goal ? [goal.atMost, value <= goal.atMost] : [goal.atLeast, value >= goal.atLeast];
  return { section, value: round(value), baseline: baseline === null ? null : round(baseline), goal: limit, ok };
}

const round = (value: number) => Number(value.toPrecision(4));

const columns = ['section', 'value', 'baseline', 'ratio', 'goal', ''] as const;

export function formatWebRows(rows: WebRow[]): string {
  const cells = rows.map(({ section, value, baseline, goal, ok }) => [
    section,
    value.toLocaleString('en'),
    baseline?.toLocaleString('en') ?? '–',
    baseline ? `${(value / baseline).toFixed(1)}×` : '–',
    goal.toLocaleString('en'),
    ok ? 'ok' : 'FAILED',
  ]);
  const widths = columns.map((title, at) => Math.max(title.length, ...cells.map((line) => line[at]!.length)));
  return [[...columns], ...cells]
    .map((line) =>
      line.map((cell, at) => (at === 0 ? cell.padEnd(widths[at]!) : cell.padStart(widths[at]!))).join('  '),
    )
    .join('\n');
}

export function percentile(values: number[], share: number) {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}
