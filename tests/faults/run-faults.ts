import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbedded } from '@it0/db/embedded';
import { allowDatabases } from '../support/allow-databases.ts';
import { type Cluster, startCluster } from './harness/cluster.ts';
import type { Verdict } from './harness/ledger.ts';
import { createRandom } from './harness/random.ts';
import { type Fault, injectFault } from './harness/world.ts';
import { isClean } from './report.ts';
import { approvals } from './scenarios/approvals.ts';
import { bridgeResponses } from './scenarios/bridge-responses.ts';
import { callbacks } from './scenarios/callbacks.ts';
import { clock } from './scenarios/clock.ts';
import { commandKills, realCommandKills } from './scenarios/command-kills.ts';
import { disk } from './scenarios/disk.ts';
import { kills } from './scenarios/kills.ts';
import { network } from './scenarios/network.ts';
import { pollingBridge } from './scenarios/polling-bridge.ts';
import { realGateway } from './scenarios/real-gateway.ts';
import { stores } from './scenarios/stores.ts';
import { storms } from './scenarios/storm.ts';

export type FaultOptions = {
  seed: number;
  quick?: boolean;
  /** Injects only the faults whose name contains this. */
  only?: string;
  /** Overrides the number of runs of each fault. */
  runs?: number;
  /** Keeps the folder with all logs. */
  keep?: boolean;
  onVerdict?(verdict: Verdict, notes: string[]): void;
};

const faults: Fault[] = [
  ...kills,
  ...stores,
  ...network,
  ...storms,
  ...callbacks,
  ...bridgeResponses,
  ...approvals,
  ...disk,
  ...clock,
  ...realGateway,
  ...pollingBridge,
  ...commandKills,
  ...realCommandKills,
];

const hasProgram = (name = 'node') => spawnSync(name, ['--version'], { stdio: 'ignore' }).error === undefined;

/** Returns the errors in a log, which say why tasks have failed. */
const readErrors = (log: string) =>
  log
    .split('\n')
    .filter((line) => /"level":(50|60)/.test(line))
    .slice(-3);

/** Injects the faults one after the other. Each has its own seed, so that one alone can be reproduced. */
export async function runFaults({ seed, quick = false, only = '', runs, keep, onVerdict }: FaultOptions) {
  const folder = mkdtempSync(join(tmpdir(), 'it0-faults-'));
  const cleanUp = () => keep || rmSync(folder, { recursive: true, force: true });
  process.once('exit', cleanUp);
  const data = join(folder, 'postgres');
  const postgres = await startEmbedded(data);
  await allowDatabases(postgres.adminUrl);
  const verdicts: Verdict[] = [];
  let shared: Cluster | undefined;
  try {
    for (const [index, fault] of faults.entries()) {
      const times = quick ? fault.quick : fault.runs;
      if (!times || !fault.name.includes(only) || (quick && !hasProgram(fault.needs))) continue;
      const random = createRandom(seed + index * 7_919);
      const options = {
        postgres: { url: postgres.url, data },
        random: random.fork(),
        folder: join(folder, `${index}`),
      };
      const separate = fault.cluster && (await startCluster({ ...options, ...fault.cluster }));
      shared ??= separate ? undefined : await startCluster(options);
      const cluster = separate ?? shared!;
      const { verdict, notes } = await injectFault(fault, { cluster, random, runs: runs ?? times });
      await separate?.[Symbol.asyncDispose]();
      verdicts.push(verdict);
      onVerdict?.(verdict, isClean(verdict) ? notes : [...notes.slice(0, 10), ...readErrors(cluster.bridge.log())]);
    }
  } finally {
    await shared?.[Symbol.asyncDispose]();
    await postgres.stop();
    cleanUp();
    if (keep) console.log(`The logs are in ${folder}.`);
  }
  return verdicts;
}
