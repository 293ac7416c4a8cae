import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { dirname } from 'node:path';

/** How to run Postgres, which refuses to run as root: as whom, and behind which command. */
export type RunAs = { uid?: number; gid?: number; prefix: string[] };

const nobody = { uid: 65534, gid: 65534 };

/**
 * A normal user runs Postgres as it is. Root becomes `nobody` where that user reaches the files, and otherwise runs it
 * in a user namespace without root's id, which needs no change of owner and works below a folder that is root's alone.
 */
export function runAs(postgres: string, data: string): RunAs {
  if (process.getuid?.() !== 0) return { prefix: [] };
  const owner = statSync(data, { throwIfNoEntry: false })?.uid;
  if (owner !== 0 && reaches(postgres, '--version') && reaches('/bin/sh', '-c', 'cd "$0"', dirname(data)))
    return { ...nobody, prefix: [] };
  const prefix = ['unshare', '--user', '--'];
  if (spawnSync('unshare', ['--user', '--', postgres, '--version'], { stdio: 'ignore' }).status === 0)
    return { prefix };
  throw new Error(
    `Postgres does not run as root, the user "nobody" does not reach ${data} or ${postgres}, and this machine has no ` +
      'user namespaces. Start as another user, or set DATABASE_URL to a server of your own.',
  );
}

const reaches = (command: string, ...args: string[]) =>
  spawnSync(command, args, { ...nobody, cwd: '/', stdio: 'ignore' }).status === 0;
