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
import type { Options } from '../main.ts';
import { type Round, type Row, rowOf } from '../report.ts';
import type { World } from '../world.ts';

const run = promisify(execFile);
/** Puts out when it does so, in nanoseconds. */
const command = 'date +%s%N';
const shell = ['/bin/sh', '-c', command];
const mostMs = 50;
const methods = ['bubblewrap', 'namespaces', 'seatbelt'] as const;

/**
 * From an agent's call of `run_command` to the first output of a command that a rule allows, through bridge, server and
 * sandbox, and from the start of the same shell alone; then what each sandbox adds to that.
 */
export async function commands(_: World, { quick }: Options): Promise<Row[]> {
  await using undo = new AsyncDisposableStack();
  const folder = mkdtempSync(join(tmpdir(), 'it0-bench-'));
  undo.defer(() => rmSync(folder, { recursive: true, force: true }));
  const rounds = quick ? 5 : 21;
  return [await asked(folder, rounds), ...(await sandboxed(folder, rounds))];
}

async function asked(folder: string, rounds: number): Promise<Row> {
  await using undo = new AsyncDisposableStack();
  const data = join(folder, 'postgres');
  const postgres = await startEmbedded(data);
  undo.defer(() => postgres.stop());
  await allowDatabases(postgres.adminUrl);
  const place = { folder: join(folder, 'cluster'), postgres: { url: postgres.url, data } };
  const cluster = undo.use(await startCluster({ ...place, random: createRandom(1), servers: 1 }));
  const { cookie, instanceId, serverPorts, gatewayHistory } = cluster;
  const ledger = createLedger('bench');
  const person = createOperator({ name: 'bench', port: serverPorts[0]!, cookie, instanceId, ledger });
  undo.defer(() => person.close());

  async function ask() {
    await person.say({ name: randomUUID(), words: 1, pace: 0, tool: 'free', command });
    const { content, calledAt } = readRows(gatewayHistory).findLast(({ role }) => role === 'toolResult')!;
    return toMs(content[0]!.text!) - calledAt!;
  }
  const row = rowOf('command, from its call to its output, ms', await interleaved(ask, start, rounds), {
    is: 'at most',
  });
  return { ...row, ok: row.value - row.floor! <= mostMs };
}

async function sandboxed(folder: string, rounds: number): Promise<Row[]> {
  const rows: Row[] = [];
  for (const method of methods) {
    const sandbox = await findSandbox({ probe: join(folder, 'probe'), methods: [method] });
    if (sandbox.method === 'none') continue;
    const own = join(folder, method);
    mkdirSync(own);
    if (sandbox.account !== null) chownSync(own, sandbox.account, sandbox.account);
    const measured = await interleaved(() => start(sandbox, own), start, rounds);
    rows.push(rowOf(`sandbox, start-up, ${method} and none, ms`, measured, { is: 'at most' }));
  }
  return rows;
}

async function interleaved(value: () => Promise<number>, floor: () => Promise<number>, rounds: number) {
  const measured: Round[] = [];
  for (let round = 0; round <= rounds; round++) {
    const result = { floor: await floor(), value: await value() };
    // The first one warms up.
    if (round > 0) measured.push(result);
  }
  return measured;
}

/** How long the shell takes from its start to its output. */
async function start(sandbox?: Sandbox, cwd = '/') {
  const argv = sandbox?.wrap(shell, { cwd, writable: [cwd], hidden: [] }) ?? shell;
  const startedAt = now();
  const { stdout } = await run(argv[0]!, argv.slice(1));
  return toMs(stdout) - startedAt;
}

const now = () => performance.timeOrigin + performance.now();

function toMs(output: string) {
  const ms = Number(output) / 1e6;
  if (!Number.isFinite(ms)) throw new Error(`This machine's \`${command}\` tells no nanoseconds: ${output}`);
  return ms;
}
