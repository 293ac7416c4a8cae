import { type SpawnOptions, type SpawnSyncOptions, spawn, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findProgram } from './find-program.ts';
import type { SandboxSpec } from './sandbox.ts';

const checkout = fileURLToPath(new URL('../../../../', import.meta.url));
const fixture = fileURLToPath(new URL('wrap.fixture.ts', import.meta.url));
/** True when the tests run as root. */
export const isRoot = process.getuid?.() === 0;
const ORDINARY_UID = 65_533;

/** A method of isolation, and the user who starts it. */
export type Setup = { method: 'bubblewrap' | 'namespaces'; as: 'root' | 'an ordinary user' };

/** The combinations that this machine has the programs and rights for. */
export const setups: Setup[] = (['bubblewrap', 'namespaces'] as const)
  .filter((method) => findProgram(method === 'bubblewrap' ? 'bwrap' : 'unshare') && process.platform === 'linux')
  .flatMap((method) => [
    ...(isRoot ? [{ method, as: 'root' as const }] : []),
    ...(!isRoot || canReach(checkout) ? [{ method, as: 'an ordinary user' as const }] : []),
  ]);

/** Creates a sandbox that hides `data` except `data/instances/mine`, and a process outside as the target of attacks. */
export function createWorld({ method, as }: Setup) {
  // Not in /tmp, which every sandbox replaces.
  const base = mkdtempSync(join(checkout, 'node_modules/.sandbox-'));
  const [data, mine, theirs, other] = ['data', 'data/instances/mine', 'data/instances/theirs', 'other'].map((name) =>
    join(base, name),
  ) as [string, string, string, string];
  const starter = isRoot && as !== 'root' ? { uid: ORDINARY_UID, gid: ORDINARY_UID } : {};
  chmodSync(base, 0o755);
  for (const folder of [data, mine, theirs, other]) mkdirSync(folder, { recursive: true });
  for (const folder of [base, mine]) if (starter.uid) chownSync(folder, starter.uid, starter.uid);
  const spec: SandboxSpec = { cwd: mine, writable: [mine], readable: [base], hidden: [data] };
  const wrap = spawnSync(process.execPath, [fixture, method, JSON.stringify(spec), join(base, 'probe')], {
    ...starter,
    encoding: 'utf8',
  });
  const { prefix, account, detail } = JSON.parse(wrap.stdout) as {
    prefix: string[];
    account: number | null;
    detail: string | null;
  };
  const insideUid = account ?? starter.uid;
  const user = insideUid === undefined ? {} : { uid: insideUid, gid: insideUid };
  if (account) chownSync(mine, account, account);
  // Accessible to all users, so that only the sandbox protects them.
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
    /** Runs a program outside, as the account that programs inside have. */
    outside: (argv: string[], options: SpawnSyncOptions = {}) =>
      spawnSync(argv[0]!, argv.slice(1), { ...user, cwd: mine, encoding: 'utf8', ...options }),
    /** Starts a program inside, without waiting for its end. */
    start: (argv: string[], options: SpawnOptions) =>
      spawn(prefix[0]!, [...prefix.slice(1), ...argv], { ...starter, ...options }),
    [Symbol.dispose]() {
      victim.kill('SIGKILL');
      rmSync(base, { recursive: true, force: true });
    },
  };
}

/** Returns whether an ordinary user can enter a folder and the folder of Node. */
function canReach(folder: string): boolean {
  const user = { uid: ORDINARY_UID, gid: ORDINARY_UID };
  return spawnSync('/bin/sh', ['-c', 'cd "$0" && cd "$1"', folder, dirname(process.execPath)], user).status === 0;
}
