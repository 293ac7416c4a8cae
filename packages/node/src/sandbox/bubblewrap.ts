import { spawnSync } from 'node:child_process';
import { findProgram } from './find-program.ts';
import { listMounts, type Mount, TEMPORARY_BYTES } from './mounts.ts';
import { becomeAccount } from './namespaces-script.ts';
import type { Candidate } from './sandbox.ts';

/**
 * Shell code that runs a program as an account, inside the sandbox. bubblewrap runs as root and makes the mounts, since
 * an account may not enter all folders above them. /proc is mounted here, because bubblewrap covers parts of it, and
 * the kernel then refuses a new /proc in a nested sandbox.
 */
const AS_ACCOUNT = `mount -t proc -o nosuid,nodev,noexec proc /proc || exit 125\n${becomeAccount} "$@"`;

/** Isolates with bubblewrap, where it is installed. */
export function findBubblewrap(account: number | undefined): Candidate | undefined {
  const program = findProgram('bwrap');
  if (!program) return undefined;
  const sizes = spawnSync(program, ['--help'], { encoding: 'utf8' }).stdout?.includes('--size') ?? false;
  return {
    method: 'bubblewrap',
    wrap(argv, spec) {
      const user = spec.account ?? account;
      const mounts = listMounts(spec, user !== undefined);
      const isolate = ['--unshare-pid', '--unshare-ipc', '--unshare-uts', '--die-with-parent', '--new-session'];
      return [
        ...[program, '--ro-bind', '/', '/', '--dev', '/dev'],
        ...(user === undefined ? ['--unshare-user', '--proc', '/proc'] : ['--bind', '/proc', '/proc']),
        ...temporary('/dev/shm', sizes),
        ...mounts.flatMap((mount) => mountArguments(mount, sizes)),
        // Remounted last: parent folders of other mounts were created in it.
        ...mounts.flatMap(({ kind, path, isFolder }) => (kind === 'hidden' && isFolder ? ['--remount-ro', path] : [])),
        ...[...isolate, '--chdir', spec.cwd, '--'],
        ...(user === undefined ? argv : ['/bin/sh', '-c', AS_ACCOUNT, 'sh', `${user}`, ...argv]),
      ];
    },
  };
}

function mountArguments({ kind, path, isFolder, parents }: Mount, sizes: boolean): string[] {
  // bubblewrap creates parent folders with mode 0700.
  const made = parents.flatMap((parent) => ['--perms', '0755', '--dir', parent]);
  if (kind === 'temporary') return temporary(path, sizes);
  if (kind === 'readable') return [...made, '--ro-bind', path, path];
  if (kind === 'writable') return [...made, '--bind', path, path];
  return isFolder ? ['--tmpfs', path] : ['--ro-bind', '/dev/null', path];
}

const temporary = (path: string, sizes: boolean) => [
  ...(sizes ? ['--size', `${TEMPORARY_BYTES}`] : []),
  ...['--perms', '1777', '--tmpfs', path],
];
