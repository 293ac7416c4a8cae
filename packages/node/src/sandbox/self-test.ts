import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Candidate, SandboxSpec } from './sandbox.ts';
import { SELF_TEST_SCRIPT } from './self-test-script.ts';

const SELF_TEST_MS = 60_000;
/** Lifetime of a process that should be killed: longer than a kill takes on a busy machine. */
const SURVIVE_SECONDS = 10;

/** Tests whether a sandbox isolates, in the folder `probe`. Returns its first defect, or null when there is none. */
export async function testCandidate(
  { method, wrap }: Candidate,
  probe: string,
  account?: number,
): Promise<string | null> {
  mkdirSync(probe, { recursive: true, mode: 0o700 });
  // Another process may run a self-test in the same folder.
  const base = mkdtempSync(join(probe, 'self-test-'));
  const folder = (name: string) => join(base, name);
  for (const name of ['hidden', 'open', 'other']) mkdirSync(folder(name), { mode: 0o700 });
  for (const name of ['hidden', 'other']) writeFileSync(join(folder(name), 'marker'), '');
  if (account !== undefined)
    for (const name of ['open', 'other', 'other/marker']) chownSync(folder(name), account, account);
  const spec = {
    cwd: folder('open'),
    writable: [folder('open')],
    readable: [folder('other')],
    hidden: [folder('hidden')],
  };
  try {
    const defect = await testIsolation(wrap, spec);
    return defect === null && method !== 'seatbelt' ? await testDeath(wrap, spec) : defect;
  } catch (error) {
    return String(error);
  } finally {
    rmSync(base, { recursive: true, force: true });
  }
}

/** Runs the self-test script inside. Returns the first defect, or null. */
async function testIsolation(wrap: Candidate['wrap'], spec: Required<Omit<SandboxSpec, 'account'>>) {
  const folders = [spec.hidden, spec.writable, spec.readable].flat().map((path) => realpathSync(path));
  const isLinux = process.platform === 'linux';
  const namespaces = isLinux
    ? ['mnt', 'pid', 'ipc'].map((kind) => readlinkSync(`/proc/self/ns/${kind}`)).join(' ')
    : '';
  const runNames = isLinux ? listRun() : [];
  const script = ['/bin/sh', '-c', SELF_TEST_SCRIPT, 'sh', ...folders, `${process.pid}`, namespaces, ...runNames];
  const [program, ...argv] = wrap(script, spec);
  const child = spawn(program!, argv, { stdio: 'pipe', signal: AbortSignal.timeout(SELF_TEST_MS) });
  const ended = new Promise<number | null>((resolve, reject) => child.once('close', resolve).once('error', reject));
  child.stdin.on('error', () => {}).end('word\n');
  const [code, output, errors] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
  return code === 42 ? null : toFirstLine(output) || toFirstLine(errors) || `the self-test exited with ${code}`;
}

/** Lists the names in /run, without the one that is visible for the resolver. */
function listRun() {
  const resolver = '/etc/resolv.conf';
  const visible = existsSync(resolver) ? realpathSync(resolver).split('/')[2] : undefined;
  return readdirSync('/run').filter((name) => name !== visible);
}

/** Kills the parent of a sandbox. Processes inside must die before they print `alive`. */
async function testDeath(wrap: Candidate['wrap'], spec: SandboxSpec) {
  const survive = `sleep ${SURVIVE_SECONDS}; echo alive`;
  const inside = ['/bin/sh', '-c', `setsid sh -c '${survive}' & echo up; ${survive}`];
  const parent = spawn('/bin/sh', ['-c', '"$@" & wait', 'sh', ...wrap(inside, spec)], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  parent.stdout.once('data', () => parent.kill('SIGKILL'));
  const failed = once(parent, 'error').then(([error]) => Promise.reject(error));
  const output = await Promise.race([text(parent.stdout), failed]);
  return output.trim() === 'up' ? null : 'processes inside outlive the parent';
}

const toFirstLine = (output: string) => output.trim().split('\n')[0] ?? '';
