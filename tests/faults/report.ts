import { type Column, formatTable } from '@it0/tests/support/format-table';
import type { Verdict } from './harness/ledger.ts';

const columns: Column<Verdict>[] = [
  ['fault', ({ fault }) => fault],
  ['runs', ({ runs }) => `${runs}`],
  ['messages sent', ({ sent }) => `${sent}`],
  ['acknowledged', ({ acknowledged }) => `${acknowledged}`],
  ['lost', ({ lost }) => `${lost}`],
  ['duplicated', ({ duplicated }) => `${duplicated}`],
  ['out of order', ({ outOfOrder }) => `${outOfOrder}`],
  ['tasks without an end', ({ endless }) => `${endless}`],
  ['worst recovery time', ({ worstRecoveryMs }) => `${(worstRecoveryMs / 1_000).toFixed(1)} s`],
];

/** Formats the verdicts as a table. */
export const formatVerdicts = (verdicts: Verdict[]) => formatTable(columns, verdicts);

export const isClean = ({ lost, duplicated, outOfOrder, endless }: Verdict) =>
  lost + duplicated + outOfOrder + endless === 0;

export const sumVerdicts = (verdicts: Verdict[]): Verdict => {
  const sum = (of: (verdict: Verdict) => number) => verdicts.reduce((total, verdict) => total + of(verdict), 0);
  return {
    fault: 'all',
    runs: sum(({ runs }) => runs),
    sent: sum(({ sent }) => sent),
    acknowledged: sum(({ acknowledged }) => acknowledged),
    lost: sum(({ lost }) => lost),
    duplicated: sum(({ duplicated }) => duplicated),
    outOfOrder: sum(({ outOfOrder }) => outOfOrder),
    endless: sum(({ endless }) => endless),
    worstRecoveryMs: Math.max(0, ...verdicts.map(({ worstRecoveryMs }) => worstRecoveryMs)),
  };
};
