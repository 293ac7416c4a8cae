import { type SpawnOptions, type SpawnSyncOptions, spawn, spawnSync } from 'node:child_process';
import { accessSync, chmodSync, chownSync, constants, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findProgram } from './find-program.ts';
import type { SandboxSpec } from './sandbox.ts';

const checkout = fileURLToPath(new URL('../../../../', import.meta.url));
const fixture = fileURLToPath(new URL('wrap.fixture.ts', import.meta.url));
export const isRoot = process.getuid?.() === 0;
const someone = 65_533;

/** Who starts a sandbox, in which way. */
export type Way = { method: 'bubblewrap' | 'namespaces'; as: 'root' | 'an ordinary user' };

/** The ways that this machine has the programs and the rights for. */
export const ways: Way[] = (['bubblewrap', 'namespaces'] as const)
  .filter((method) => findProgram(method === 'bubblewrap' ? 'bwrap' : 'unshare') && process.platform === 'linux')
  .flatMap((method) => [
    ...(isRoot ? [{ method, as: 'root' as const }] : []),
    ...(!isRoot || canReach(checkout) ? [{ method, as: 'an ordinary user' as const }] : []),
  ]);

/** A folder where `data` is hidden but for `data/instances/mine`, and a process outside that a sandbox is to keep from. */
export function makeWorld({ method, as }: Way) {
  // Not below /tmp, which nobody inside sees anyway.
  const base = mkdtempSync(join(checkout, 'node_modules/.sandbox-'));
  const [data, mine, theirs, other] = ['data', 'data/instances/mine', 'data/instances/theirs', 'other'].map((name) =>
    join(base, name),
  ) as [string, string, string, string];
  const starter = isRoot && as !== 'root' ? { uid: someone, gid: someone } : {};
  chmodSync(base, 0o755);
  for (const folder of [data, mine, theirs, other]) mkdirSync(folder, { recursive: true });
  for (const folder of [base, mine]) if (starter.uid) chownSync(folder, starter.uid, starter.uid);
  const spec: SandboxSpec = { cwd: mine, writable: [mine], readable: [base], hidden: [data] };
  const made = spawnSync(process.execPath, [fixture, method, JSON.stringify(spec), join(base, 'probe')], {
    ...starter,
    encoding: 'utf8',
  });
  const { prefix, account, detail } = JSON.parse(made.stdout) as {
    prefix: string[];
    account: number | null;
    detail: string | null;
  };
  const inner = account ?? starter.uid;
  const user = inner === undefined ? {} : { uid: inner, gid: inner };
  if (account) chownSync(mine, account, account);
  // Open to everybody: nothing but the sandbox keeps them.
  for (const file of [join(data, 'secret'), join(theirs, 'file'), join(other, 'file')]) {
    writeFileSync(file, 'the secret');
    chmodSync(file, 0o666);
  }
  const victim = spawn('sleep', ['1000'], { ...user, cwd: data, env: { TOKEN: 'the secret' }, stdio: 'ignore' });
  return {
    ...{ base, data, mine, other, detail, victim, user, account },
    /** Runs a program inside. */
    inside: (argv: string[], options: SpawnSyncOptions = {}) =>
      spawnSync(prefix[0]!, [...prefix.slice(1), ...argv], { ...starter, encoding: 'utf8', ...options }),
    /** The same without a sandbox, as whoever it would be inside. */
    outside: (argv: string[], options: SpawnSyncOptions = {}) =>
      spawnSync(argv[0]!, argv.slice(1), { ...user, cwd: mine, encoding: 'utf8', ...options }),
    /** Starts a program inside, and leaves it there. */
    start: (argv: string[], options: SpawnOptions) =>
      spawn(prefix[0]!, [...prefix.slice(1), ...argv], { ...starter, ...options }),
    [Symbol.dispose]() {
      victim.kill('SIGKILL');
      rmSync(base, { recursive: true, force: true });
    },
  };
}

/** Whether everybody may enter a folder. */
function canReach(folder: string): boolean {
  try {
    accessSync(folder, constants.X_OK);
    return (
      spawnSync('/bin/sh', ['-c', 'cd "$0"', dirname(process.execPath)], { uid: someone, gid: someone }).status === 0
    );
  } catch {
    return false;
  }
}
