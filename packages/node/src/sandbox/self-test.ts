import { spawn } from 'node:child_process';
import {
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Candidate, SandboxSpec } from './sandbox.ts';
import { selfTestScript } from './self-test-script.ts';

const SELF_TEST_MS = 60_000;

/** Tries to get out of a sandbox, in the folder `probe`. Returns why it cannot be believed; null when it held. */
export async function testCandidate(
  { method, wrap }: Candidate,
  probe: string,
  account?: number,
): Promise<string | null> {
  const folder = (name: string) => join(probe, name);
  rmSync(probe, { recursive: true, force: true });
  for (const name of ['hidden', 'open', 'other']) mkdirSync(folder(name), { recursive: true, mode: 0o700 });
  for (const name of ['hidden', 'other']) writeFileSync(join(folder(name), 'marker'), '');
  if (account !== undefined) for (const name of ['open', 'other']) chownSync(folder(name), account, account);
  const spec = {
    cwd: folder('open'),
    writable: [folder('open')],
    readable: [folder('other')],
    hidden: [folder('hidden')],
  };
  try {
    const why = await testWalls(wrap, spec);
    return why === null && method !== 'seatbelt' ? await testDeath(wrap, spec) : why;
  } catch (error) {
    return String(error);
  } finally {
    rmSync(probe, { recursive: true, force: true });
  }
}

async function testWalls(wrap: Candidate['wrap'], spec: Required<Omit<SandboxSpec, 'account'>>) {
  const folders = [spec.hidden, spec.writable, spec.readable].flat().map((path) => realpathSync(path));
  const isLinux = process.platform === 'linux';
  const namespaces = isLinux
    ? ['mnt', 'pid', 'ipc'].map((kind) => readlinkSync(`/proc/self/ns/${kind}`)).join(' ')
    : '';
  const seen = isLinux ? listRun() : [];
  const script = ['/bin/sh', '-c', selfTestScript, 'sh', ...folders, `${process.pid}`, namespaces, ...seen];
  const [program, ...argv] = wrap(script, spec);
  const child = spawn(program!, argv, { stdio: 'pipe', signal: AbortSignal.timeout(SELF_TEST_MS) });
  const ended = new Promise<number | null>((resolve, reject) => child.once('close', resolve).once('error', reject));
  child.stdin.on('error', () => {}).end('word\n');
  const [code, said, complaint] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
  return code === 42 ? null : lastLine(said) || lastLine(complaint) || `it ended with ${code}`;
}

/** Lists what is in /run, without what is shown for the resolver. */
function listRun() {
  const resolver = '/etc/resolv.conf';
  const shown = existsSync(resolver) ? realpathSync(resolver).split('/')[2] : undefined;
  return readdirSync('/run').filter((name) => name !== shown);
}

/** Kills what started a sandbox, and waits until nothing inside holds its output open any more. */
async function testDeath(wrap: Candidate['wrap'], spec: SandboxSpec) {
  const inside = ['/bin/sh', '-c', 'setsid sleep 600 & echo up; sleep 600'];
  const parent = spawn('/bin/sh', ['-c', '"$@" & wait', 'sh', ...wrap(inside, spec)], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const within = AbortSignal.timeout(SELF_TEST_MS);
  const closed = new Promise<string | null>((resolve, reject) => {
    parent.once('error', reject).once('close', () => resolve(null));
    within.addEventListener('abort', () => resolve('what runs inside outlives its parent'));
  });
  parent.stdout.once('data', () => parent.kill('SIGKILL'));
  return closed.finally(() => {
    parent.kill('SIGKILL');
    parent.stdout.destroy();
  });
}

const lastLine = (output: string) => output.trim().split('\n').at(-1) ?? '';
