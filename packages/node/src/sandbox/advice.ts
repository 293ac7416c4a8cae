import { existsSync, readFileSync } from 'node:fs';

/** A method of isolation that failed, and why. */
export type Failure = { method: string; why: string };

const APPARMOR_PROFILE =
  "printf 'abi <abi/4.0>,\\ninclude <tunables/global>\\nprofile bwrap /usr/bin/bwrap flags=(unconfined) { userns, }\\n' | " +
  'sudo tee /etc/apparmor.d/bwrap && sudo systemctl reload apparmor';

/** Explains why no sandbox works on this machine, and how to fix it. */
export function adviseOn(failures: Failure[]): string {
  const tried = failures.map(({ method, why }) => `${method}: ${why}`).join('; ');
  return `${advise(failures)}${tried && ` (Tried: ${tried}.)`}`;
}

function advise(failures: Failure[]): string {
  if (process.platform !== 'linux') return 'Agents are isolated on Linux and macOS only.';
  if (!failures.some(({ method }) => method === 'bubblewrap'))
    return 'Install bubblewrap, for example: apt install bubblewrap.';
  if (existsSync('/.dockerenv') || existsSync('/run/.containerenv'))
    return 'This container allows no namespaces. Start it with --security-opt seccomp=unconfined --security-opt apparmor=unconfined, or run outside of it.';
  if (read('/proc/sys/kernel/apparmor_restrict_unprivileged_userns') === '1')
    return `This system forbids user namespaces. Allow them for bubblewrap: ${APPARMOR_PROFILE}`;
  if (read('/proc/sys/kernel/unprivileged_userns_clone') === '0')
    return 'This system forbids user namespaces. Allow them: sudo sysctl -w kernel.unprivileged_userns_clone=1';
  if (read('/proc/sys/user/max_user_namespaces') === '0')
    return 'This system forbids user namespaces. Allow them: sudo sysctl -w user.max_user_namespaces=10000';
  return 'This system does not let bubblewrap isolate.';
}

function read(file: string) {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return null;
  }
}
