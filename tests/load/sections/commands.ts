import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { chownSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startEmbedded } from '@it0/db/embedded';
import { findSandbox } from '@it0/node/sandbox/find-sandbox';
import type { Sandbox } from '@it0/node/sandbox/sandbox';
import { readRows } from '@it0/tests/faults/gateway/history';
import { startCluster } from '@it0/tests/faults/harness/cluster';
import { createLedger } from '@it0/tests/faults/harness/ledger';
import { createOperator } from '@it0/tests/faults/harness/operator';
import { createRandom } from '@it0/tests/faults/harness/random';
import { allowDatabases } from '@it0/tests/support/allow-databases';
import { type Round, type Row, toRow } from '../report.ts';
import type { Options, World } from '../world.ts';

const run = promisify(execFile);
/** Prints the current time, in nanoseconds. */
const command = 'date +%s%N';
const shell = ['/bin/sh', '-c', command];
const MAX_MS = 50;
const methods = ['bubblewrap', 'namespaces', 'seatbelt'] as const;

/**
 * Measures the time from an agent's call of `run_command` to the output of a command that a rule allows, through bridge,
 * server and sandbox. The baseline is the same shell alone. Then measures each sandbox.
 */
export async function commands(_: World, { quick }: Options): Promise<Row[]> {
  await using undo = new AsyncDisposableStack();
  const folder = mkdtempSync(join(tmpdir(), 'it0-bench-'));
  undo.defer(() => rmSync(folder, { recursive: true, force: true }));
  const rounds = quick ? 5 : 21;
  return [await measureCommand(folder, rounds), ...(await measureSandboxes(folder, rounds))];
}

async function measureCommand(folder: string, rounds: number): Promise<Row> {
  await using undo = new AsyncDisposableStack();
  const data = join(folder, 'postgres');
  const postgres = await startEmbedded(data);
  undo.defer(() => postgres.stop());
  await allowDatabases(postgres.adminUrl);
  const options = { folder: join(folder, 'cluster'), postgres: { url: postgres.url, data } };
  const cluster = undo.use(await startCluster({ ...options, random: createRandom(1), servers: 1 }));
  const { cookie, instanceId, serverPorts, gatewayHistory } = cluster;
  const ledger = createLedger('bench');
  const person = createOperator({ name: 'bench', port: serverPorts[0]!, cookie, instanceId, ledger });
  undo.defer(() => person.close());

  async function measure() {
    await person.send({ name: randomUUID(), words: 1, pace: 0, tool: 'auto', command });
    const { content, calledAt } = readRows(gatewayHistory).findLast(({ role }) => role === 'toolResult')!;
    return toMs(content[0]!.text!) - calledAt!;
  }
  const row = toRow('command, from call to output, ms', await measureRounds(measure, measureShell, rounds), {
    is: 'at most',
  });
  return { ...row, ok: row.value - row.floor! <= MAX_MS };
}

async function measureSandboxes(folder: string, rounds: number): Promise<Row[]> {
  const rows: Row[] = [];
  for (const method of methods) {
    const sandbox = await findSandbox({ probe: join(folder, 'probe'), methods: [method] });
    if (sandbox.method === 'none') continue;
    const workdir = join(folder, method);
    mkdirSync(workdir);
    if (sandbox.account !== null) chownSync(workdir, sandbox.account, sandbox.account);
    const measured = await measureRounds(() => measureShell(sandbox, workdir), measureShell, rounds);
    rows.push(toRow(`sandbox, start-up, ${method} and none, ms`, measured, { is: 'at most' }));
  }
  return rows;
}

async function measureRounds(value: () => Promise<number>, baseline: () => Promise<number>, rounds: number) {
  const measured: Round[] = [];
  for (let round = 0; round <= rounds; round++) {
    const result = { baseline: await baseline(), value: await value() };
    // The first round is a warm-up.
    if (round > 0) measured.push(result);
  }
  return measured;
}

/** Measures the time from the start of the shell to its output. */
async function measureShell(sandbox?: Sandbox, cwd = '/') {
  const argv = sandbox?.wrap(shell, { cwd, writable: [cwd], hidden: [] }) ?? shell;
  const startedAt = now();
  const { stdout } = await run(argv[0]!, argv.slice(1));
  return toMs(stdout) - startedAt;
}

const now = () => performance.timeOrigin + performance.now();

function toMs(output: string) {
  const ms = Number(output) / 1e6;
  if (!Number.isFinite(ms)) throw new Error(`This machine's \`${command}\` prints no nanoseconds: ${output}`);
  return ms;
}
