import { existsSync, readFileSync } from 'node:fs';

/** A method of isolation that failed its self-test, and its first defect. */
export type Failure = { method: string; defect: string };

const APPARMOR_PROFILE =
  "printf 'abi <abi/4.0>,\\ninclude <tunables/global>\\nprofile bwrap /usr/bin/bwrap flags=(unconfined) { userns, }\\n' | " +
  'sudo tee /etc/apparmor.d/bwrap && sudo systemctl reload apparmor';

/** Explains why no sandbox works on this machine, and how to fix it. */
export function formatAdvice(failures: Failure[]): string {
  const attempts = failures.map(({ method, defect }) => `${method}: ${defect}`).join('; ');
  return `${findAdvice(failures)}${attempts && ` (Tried: ${attempts}.)`}`;
}

function findAdvice(failures: Failure[]): string {
  if (process.platform !== 'linux') return 'Agents can be isolated on Linux and macOS only.';
  if (!failures.some(({ method }) => method === 'bubblewrap'))
    return 'Install bubblewrap, for example: apt install bubblewrap.';
  if (existsSync('/.dockerenv') || existsSync('/run/.containerenv'))
    return 'This container does not allow namespaces. Start it with --security-opt seccomp=unconfined --security-opt apparmor=unconfined, or run without a container.';
  if (read('/proc/sys/kernel/apparmor_restrict_unprivileged_userns') === '1')
    return `This system forbids user namespaces. Allow them for bubblewrap: ${APPARMOR_PROFILE}`;
  if (read('/proc/sys/kernel/unprivileged_userns_clone') === '0')
    return 'This system forbids user namespaces. Allow them: sudo sysctl -w kernel.unprivileged_userns_clone=1';
  if (read('/proc/sys/user/max_user_namespaces') === '0')
    return 'This system forbids user namespaces. Allow them: sudo sysctl -w user.max_user_namespaces=10000';
  return 'bubblewrap cannot isolate agents on this system.';
}

function read(file: string) {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return null;
  }
}
