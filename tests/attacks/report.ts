import type { Outcome } from './outcome.ts';

/** One line of the table: what was tried, and how often it got through. */
export type Verdict = {
  attack: string;
  tried: number;
  ran: number;
  shownOtherwise: number;
  crossed: number;
  /** Of the slowest answer of `/healthz` meanwhile; null: it was not answered. */
  healthzMs: number | null;
};

/** Counts what became of attempts, for each kind of them. */
export function toVerdicts(outcomes: Outcome[], suffix: string, healthzMs: number | null): Verdict[] {
  const groups = Map.groupBy(outcomes, ({ kind }) => kind);
  return Array.from(groups, ([kind, group]) => ({
    attack: `${kind}${suffix}`,
    tried: group.length,
    ran: group.filter(({ ran }) => ran.length > 0).length,
    shownOtherwise: group.filter(({ shownOtherwise }) => shownOtherwise.length > 0).length,
    crossed: group.filter(({ crossed }) => crossed.length > 0).length,
    healthzMs,
  }));
}

export const isHeld = ({ ran, shownOtherwise, crossed, healthzMs }: Verdict) =>
  ran + shownOtherwise + crossed === 0 && healthzMs !== null;

const columns = [
  ['attack', ({ attack }) => attack],
  ['tried', ({ tried }) => `${tried}`],
  ['ran unapproved', ({ ran }) => `${ran}`],
  ['shown otherwise than run', ({ shownOtherwise }) => `${shownOtherwise}`],
  ['crossed', ({ crossed }) => `${crossed}`],
  ['slowest /healthz', ({ healthzMs }) => (healthzMs === null ? 'no answer' : `${healthzMs} ms`)],
] satisfies [string, (verdict: Verdict) => string][];

/** The table of what was tried and what came of it. */
export function formatTable(verdicts: Verdict[]): string {
  const rows = [
    columns.map(([title]) => title),
    ...verdicts.map((verdict) => columns.map(([, cell]) => cell(verdict))),
  ];
  const widths = columns.map((_, index) => Math.max(...rows.map((row) => row[index]!.length)));
  const line = (row: string[]) =>
    row.map((cell, index) => (index === 0 ? cell.padEnd(widths[index]!) : cell.padStart(widths[index]!))).join('  ');
  return rows.map(line).join('\n');
}
