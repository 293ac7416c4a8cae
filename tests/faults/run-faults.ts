import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbedded } from '@it0/db/embedded';
import type { Verdict } from './harness/ledger.ts';
import { createRandom } from './harness/random.ts';
import { stageFault } from './harness/stage.ts';
import { kills } from './scenes/kills.ts';

export type FaultOptions = {
  seed: number;
  quick?: boolean;
  /** Only the faults whose name holds this. */
  only?: string;
  /** Instead of what each fault says itself. */
  runs?: number;
  /** Keeps the folder with everything that was logged. */
  keep?: boolean;
  onVerdict?(verdict: Verdict, notes: string[]): void;
};

const faults = [...kills];

/** Injects the faults one after the other. Each draws from the seed by itself, so that one alone is the same again. */
export async function runFaults({ seed, quick = false, only = '', runs, keep, onVerdict }: FaultOptions) {
  const folder = mkdtempSync(join(tmpdir(), 'it0-faults-'));
  const postgres = await startEmbedded(join(folder, 'postgres'));
  const verdicts: Verdict[] = [];
  try {
    for (const [index, fault] of faults.entries()) {
      const times = quick ? fault.quick : fault.runs;
      if (!times || !fault.name.includes(only)) continue;
      const random = createRandom(seed + index * 7_919);
      const options = { folder, postgresUrl: postgres.url, random, runs: runs ?? times };
      const { verdict, notes } = await stageFault(fault, options);
      verdicts.push(verdict);
      onVerdict?.(verdict, notes);
    }
  } finally {
    await postgres.stop();
    if (keep) console.log(`What was logged is in ${folder}.`);
    else rmSync(folder, { recursive: true, force: true });
  }
  return verdicts;
}
