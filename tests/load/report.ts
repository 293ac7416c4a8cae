import { cpus, totalmem } from 'node:os';

/** One line of the bench. `xFloor` and `xPeer` are the value over the floor's and the peer's, of the same round. */
export type Row = {
  section: string;
  value: number;
  floor: number | null;
  peer: number | null;
  xFloor: number | null;
  xPeer: number | null;
  ok: boolean;
};

/** What a section must reach. A rate must be at least so many times the other's; a time or a size at most. */
export type Goal = { floor?: number; peer?: number; is: 'at least' | 'at most' };

/** One round: everybody measured once, one after the other. */
export type Round = { value: number; floor?: number; peer?: number };

export function rowOf(section: string, rounds: Round[], goal: Goal): Row {
  const ratio = (of: 'floor' | 'peer') => medianOf(rounds.map((round) => round[of] && round.value / round[of]));
  const [xFloor, xPeer] = [ratio('floor'), ratio('peer')];
  const holds = (ratio: number | null, wanted: number | undefined) =>
    wanted === undefined || (ratio !== null && (goal.is === 'at least' ? ratio >= wanted : ratio <= wanted));
  return {
    section,
    value: medianOf(rounds.map((round) => round.value))!,
    floor: medianOf(rounds.map((round) => round.floor)),
    peer: medianOf(rounds.map((round) => round.peer)),
    xFloor,
    xPeer,
    ok: holds(xFloor, goal.floor) && holds(xPeer, goal.peer),
  };
}

export function medianOf(values: (number | undefined)[]): number | null {
  const sorted = values.filter((value) => value !== undefined).sort((a, b) => a - b);
  if (sorted.length === 0) return null;
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

const columns = ['section', 'value', 'floor', 'peer', '× floor', '× peer', ''] as const;

export function tableOf(rows: Row[]): string {
  const cells = rows.map((row) => [
    row.section,
    shown(row.value),
    shown(row.floor),
    shown(row.peer),
    row.xFloor?.toFixed(2) ?? '–',
    row.xPeer?.toFixed(2) ?? '–',
    row.ok ? 'ok' : 'MISSED',
  ]);
  const widths = columns.map((title, index) => Math.max(title.length, ...cells.map((line) => line[index]!.length)));
  return [[...columns], ...cells]
    .map((line) =>
      line.map((cell, at) => (at === 0 ? cell.padEnd(widths[at]!) : cell.padStart(widths[at]!))).join('  '),
    )
    .join('\n');
}

const shown = (value: number | null) => {
  if (value === null) return '–';
  return value >= 100 ? Math.round(value).toLocaleString('en') : value.toPrecision(3);
};

export const machine = () =>
  `${cpus().length} × ${cpus()[0]?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GB, ${process.platform}`;
