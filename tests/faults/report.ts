import type { Verdict } from './harness/ledger.ts';

const columns = [
  ['fault', ({ fault }) => fault],
  ['runs', ({ runs }) => `${runs}`],
  ['messages sent', ({ sent }) => `${sent}`],
  ['acknowledged', ({ acknowledged }) => `${acknowledged}`],
  ['lost', ({ lost }) => `${lost}`],
  ['duplicated', ({ duplicated }) => `${duplicated}`],
  ['out of order', ({ outOfOrder }) => `${outOfOrder}`],
  ['tasks without an end', ({ endless }) => `${endless}`],
  ['worst recovery time', ({ worstRecoveryMs }) => `${(worstRecoveryMs / 1_000).toFixed(1)} s`],
] satisfies [string, (verdict: Verdict) => string][];

/** The table of what was injected and what came of it. */
export function table(verdicts: Verdict[]): string {
  const rows = [
    columns.map(([title]) => title),
    ...verdicts.map((verdict) => columns.map(([, cell]) => cell(verdict))),
  ];
  const widths = columns.map((_, index) => Math.max(...rows.map((row) => row[index]!.length)));
  const line = (row: string[]) =>
    row.map((cell, index) => (index === 0 ? cell.padEnd(widths[index]!) : cell.padStart(widths[index]!))).join('  ');
  return rows.map(line).join('\n');
}

export const isClean = ({ lost, duplicated, outOfOrder, endless }: Verdict) =>
  lost + duplicated + outOfOrder + endless === 0;

export const totalOf = (verdicts: Verdict[]): Verdict => {
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
