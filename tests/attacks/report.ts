import { type Column, formatTable } from '@it0/tests/support/format-table';
import type { Outcome } from './outcome.ts';

/** A row of the report: the number of attempts of one kind, and of those that succeeded. */
export type Verdict = {
  attack: string;
  tried: number;
  ran: number;
  shownOtherwise: number;
  crossed: number;
  /** The slowest response time of `/healthz` meanwhile, or null when a request failed. */
  healthzMs: number | null;
};

/** Counts the outcomes of each kind of attempt. */
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

export const isRepelled = ({ ran, shownOtherwise, crossed, healthzMs }: Verdict) =>
  ran + shownOtherwise + crossed === 0 && healthzMs !== null;

const columns: Column<Verdict>[] = [
  ['attack', ({ attack }) => attack],
  ['tried', ({ tried }) => `${tried}`],
  ['ran unapproved', ({ ran }) => `${ran}`],
  ['ran differently than shown', ({ shownOtherwise }) => `${shownOtherwise}`],
  ['read or changed others’ data', ({ crossed }) => `${crossed}`],
  ['slowest /healthz', ({ healthzMs }) => (healthzMs === null ? 'no response' : `${healthzMs} ms`)],
];

/** Formats the report as a table. */
export const formatVerdicts = (verdicts: Verdict[]) => formatTable(columns, verdicts);
