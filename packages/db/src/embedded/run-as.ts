import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { userInfo } from 'node:os';
import { dirname } from 'node:path';

/** As whom Postgres runs, and behind which command. */
export type RunAs = { uid?: number; gid?: number; prefix: string[] };

const nobody = { uid: 65534, gid: 65534 };

/**
 * Postgres runs neither as root nor as a user without a name. Such a one runs it in a user namespace, where it is
 * `nobody` by name while the files stay its own; where there are none, root becomes `nobody`, if that user reaches the
 * files.
 */
export function runAs(postgres: string, data: string): RunAs {
  const root = process.getuid?.() === 0;
  if (!root && hasName()) return { prefix: [] };
  const prefix = ['unshare', '--user', '--'];
  const ofNobody = statSync(data, { throwIfNoEntry: false })?.uid === nobody.uid;
  if (!ofNobody && runs([...prefix, postgres, '--version'])) return { prefix };
  const reachable = [
    [postgres, '--version'],
    ['/bin/sh', '-c', 'cd "$0"', dirname(data)],
  ];
  if (root && reachable.every((command) => runs(command, nobody))) return { ...nobody, prefix: [] };
  throw new Error(
    `Postgres cannot run as this user here: this machine allows no user namespaces, and "nobody" does not reach ` +
      `${data} or ${postgres}. Start as another user, or set DATABASE_URL to a server of your own.`,
  );
}

const runs = ([command, ...args]: string[], as = {}) =>
  spawnSync(command!, args, { ...as, cwd: '/', stdio: 'ignore' }).status === 0;

function hasName() {
  try {
    return userInfo().username !== '';
  } catch {
    return false;
  }
}
