import { spawnSync } from 'node:child_process';
import { findProgram } from './find-program.ts';
import { listMounts, type Mount, TEMPORARY_BYTES } from './mounts.ts';
import { becomeAccount } from './namespaces-script.ts';
import type { Candidate } from './sandbox.ts';

/**
 * Root keeps its place as the owner of the mounts, so that no account is let through a folder it may not enter, and
 * becomes the account afterwards. bubblewrap would cover parts of /proc, and then no sandbox within this one could have
 * a /proc of its own: hence one that is mounted by us.
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
        // What was made there to hold something else is not for writing either.
        ...mounts.flatMap(({ kind, path, isFolder }) => (kind === 'hidden' && isFolder ? ['--remount-ro', path] : [])),
        ...[...isolate, '--chdir', spec.cwd, '--'],
        ...(user === undefined ? argv : ['/bin/sh', '-c', AS_ACCOUNT, 'sh', `${user}`, ...argv]),
      ];
    },
  };
}

function mountArguments({ kind, path, isFolder, parents }: Mount, sizes: boolean): string[] {
  // It would make them for their owner alone.
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
