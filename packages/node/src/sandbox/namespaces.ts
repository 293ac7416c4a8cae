import { findProgram } from './find-program.ts';
import { listMounts, TEMPORARY_BYTES } from './mounts.ts';
import { NAMESPACES_SCRIPT } from './namespaces-script.ts';
import type { Candidate } from './sandbox.ts';

/** Finds util-linux, whose programs isolate with namespaces. A start is slower than with bubblewrap. */
export function findNamespaces(account: number | undefined): Candidate | undefined {
  const [setpriv, unshare] = ['setpriv', 'unshare'].map(findProgram);
  if (!setpriv || !unshare) return undefined;
  return {
    method: 'namespaces',
    wrap(argv, spec) {
      const user = spec.account ?? account;
      const isolate = ['--mount', '--pid', '--ipc', '--uts', '--fork', '--kill-child', '--mount-proc'];
      const who =
        user === undefined ? ['user', `${process.getuid?.()}`, `${process.getgid?.()}`] : ['account', `${user}`];
      return [
        ...[setpriv, '--pdeathsig', 'KILL', '--'],
        ...[unshare, ...(user === undefined ? ['--user', '--map-root-user'] : []), ...isolate],
        ...['/bin/sh', '-c', NAMESPACES_SCRIPT, 'sh', ...who, spec.cwd, `${TEMPORARY_BYTES}`],
        ...listMounts(spec, user !== undefined).flatMap(({ kind, path }) => [kind, path]),
        ...['--', ...argv],
      ];
    },
  };
}
