import { type Column, formatTable } from '@it0/tests/support/format-table';
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

const columns: Column<Verdict>[] = [
  ['attack', ({ attack }) => attack],
  ['tried', ({ tried }) => `${tried}`],
  ['ran unapproved', ({ ran }) => `${ran}`],
  ['shown otherwise than run', ({ shownOtherwise }) => `${shownOtherwise}`],
  ['crossed', ({ crossed }) => `${crossed}`],
  ['slowest /healthz', ({ healthzMs }) => (healthzMs === null ? 'no answer' : `${healthzMs} ms`)],
];

/** The table of what was tried and what came of it. */
export const formatVerdicts = (verdicts: Verdict[]) => formatTable(columns, verdicts);
