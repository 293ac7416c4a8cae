import { cpus, totalmem } from 'node:os';

/** A row of the report. `xFloor` and `xPeer` are medians of the value relative to the same round's baseline, the `floor`, and peer. */
export type Row = {
  section: string;
  value: number;
  floor: number | null;
  peer: number | null;
  xFloor: number | null;
  xPeer: number | null;
  ok: boolean;
};

/** The limits of a section, relative to the baseline and the peer: `at least` for rates, `at most` for times and sizes. */
export type Goal = { baseline?: number; peer?: number; is: 'at least' | 'at most' };

/** The measurements of one round. */
export type Round = { value: number; baseline?: number; peer?: number };

export function toRow(section: string, rounds: Round[], goal: Goal): Row {
  const ratio = (of: 'baseline' | 'peer') => median(rounds.map((round) => round[of] && round.value / round[of]));
  const [xFloor, xPeer] = [ratio('baseline'), ratio('peer')];
  const isReached = (ratio: number | null, limit: number | undefined) =>
    limit === undefined || (ratio !== null && (goal.is === 'at least' ? ratio >= limit : ratio <= limit));
  return {
    section,
    value: median(rounds.map((round) => round.value))!,
    floor: median(rounds.map((round) => round.baseline)),
    peer: median(rounds.map((round) => round.peer)),
    xFloor,
    xPeer,
    ok: isReached(xFloor, goal.baseline) && isReached(xPeer, goal.peer),
  };
}

export function median(values: (number | undefined)[]): number | null {
  const sorted = values.filter((value) => value !== undefined).sort((a, b) => a - b);
  if (sorted.length === 0) return null;
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

const columns = ['section', 'value', 'floor', 'peer', '× floor', '× peer', ''] as const;

export function formatRows(rows: Row[]): string {
  const cells = rows.map((row) => [
    row.section,
    formatNumber(row.value),
    formatNumber(row.floor),
    formatNumber(row.peer),
    row.xFloor?.toFixed(2) ?? '–',
    row.xPeer?.toFixed(2) ?? '–',
    row.ok ? 'ok' : 'FAILED',
  ]);
  const widths = columns.map((title, index) => Math.max(title.length, ...cells.map((line) => line[index]!.length)));
  return [[...columns], ...cells]
    .map((line) =>
      line.map((cell, at) => (at === 0 ? cell.padEnd(widths[at]!) : cell.padStart(widths[at]!))).join('  '),
    )
    .join('\n');
}

const formatNumber = (value: number | null) => {
  if (value === null) return '–';
  return value >= 100 ? Math.round(value).toLocaleString('en') : value.toPrecision(3);
};

export const machine = () =>
  `${cpus().length} × ${cpus()[0]?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GB, ${process.platform}`;
