import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { userInfo } from 'node:os';
import { dirname } from 'node:path';

/** The user that Postgres runs as, by default the current one, and a command before its own. */
export type RunAs = { uid?: number; gid?: number; prefix: string[] };

const NOBODY = { uid: 65534, gid: 65534 };

/**
 * Chooses the user for Postgres, which refuses to run as root or as a user without a name. In these cases it runs in a
 * user namespace, where its user is called `nobody` but still owns the files. Without user namespaces, root switches to
 * `nobody` if that user can access the files. Throws when neither is possible.
 */
export function chooseUser(postgres: string, data: string): RunAs {
  const root = process.getuid?.() === 0;
  if (!root && hasName()) return { prefix: [] };
  const prefix = ['unshare', '--user', '--'];
  const isOwnedByNobody = statSync(data, { throwIfNoEntry: false })?.uid === NOBODY.uid;
  if (!isOwnedByNobody && canRun([...prefix, postgres, '--version'])) return { prefix };
  const accessChecks = [
    [postgres, '--version'],
    ['/bin/sh', '-c', 'cd "$0"', dirname(data)],
  ];
  if (root && accessChecks.every((command) => canRun(command, NOBODY))) return { ...NOBODY, prefix: [] };
  throw new Error(
    `PostgreSQL cannot run as this user: user namespaces are disabled, and the user "nobody" cannot access ` +
      `${data} or ${postgres}. Start as another user, or set DATABASE_URL to your own PostgreSQL server.`,
  );
}

const canRun = ([command, ...args]: string[], user = {}) =>
  spawnSync(command!, args, { ...user, cwd: '/', stdio: 'ignore' }).status === 0;

function hasName() {
  try {
    return userInfo().username !== '';
  } catch {
    return false;
  }
}
