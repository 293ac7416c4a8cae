import { spawnSync } from 'node:child_process';
import { findProgram } from './find-program.ts';
import { listMounts, type Mount, TEMPORARY_BYTES } from './mounts.ts';
import { BECOME_ACCOUNT } from './namespaces-script.ts';
import type { Candidate } from './sandbox.ts';

/**
 * Shell code that runs a program as an account, inside the sandbox. bubblewrap runs as root and makes the mounts, since
 * an account may not enter all folders above them. /proc is mounted here, because bubblewrap covers parts of it, and
 * the kernel then refuses a new /proc in a nested sandbox.
 */
const AS_ACCOUNT = `mount -t proc -o nosuid,nodev,noexec proc /proc || exit 125\n${BECOME_ACCOUNT} "$@"`;

/** Finds bubblewrap. Returns undefined when it is not installed. */
export function findBubblewrap(account: number | undefined): Candidate | undefined {
  const program = findProgram('bwrap');
  if (!program) return undefined;
  const canSetSize = spawnSync(program, ['--help'], { encoding: 'utf8' }).stdout?.includes('--size') ?? false;
  return {
    method: 'bubblewrap',
    wrap(argv, spec) {
      const user = spec.account ?? account;
      const mounts = listMounts(spec, user !== undefined);
      const isolate = ['--unshare-pid', '--unshare-ipc', '--unshare-uts', '--die-with-parent', '--new-session'];
      return [
        ...[program, '--ro-bind', '/', '/', '--dev', '/dev'],
        ...(user === undefined ? ['--unshare-user', '--proc', '/proc'] : ['--bind', '/proc', '/proc']),
        ...formatTemporary('/dev/shm', canSetSize),
        ...mounts.flatMap((mount) => formatMount(mount, canSetSize)),
        // Remounted last: parent folders of other mounts were created in it.
        ...mounts.flatMap(({ kind, path, isFolder }) => (kind === 'hidden' && isFolder ? ['--remount-ro', path] : [])),
        ...[...isolate, '--chdir', spec.cwd, '--'],
        ...(user === undefined ? argv : ['/bin/sh', '-c', AS_ACCOUNT, 'sh', `${user}`, ...argv]),
      ];
    },
  };
}

/** Returns the arguments for a mount. */
function formatMount({ kind, path, isFolder, parents }: Mount, canSetSize: boolean): string[] {
  // Without these, bubblewrap creates parent folders with mode 0700.
  const parentArguments = parents.flatMap((parent) => ['--perms', '0755', '--dir', parent]);
  if (kind === 'temporary') return formatTemporary(path, canSetSize);
  if (kind === 'readable') return [...parentArguments, '--ro-bind', path, path];
  if (kind === 'writable') return [...parentArguments, '--bind', path, path];
  return isFolder ? ['--tmpfs', path] : ['--ro-bind', '/dev/null', path];
}

const formatTemporary = (path: string, canSetSize: boolean) => [
  ...(canSetSize ? ['--size', `${TEMPORARY_BYTES}`] : []),
  ...['--perms', '1777', '--tmpfs', path],
];
