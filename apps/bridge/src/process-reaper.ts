import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';

/**
 * A shell script that waits until its input closes, which happens when the bridge exits. It then kills all processes
 * with the mark in their environment, including orphaned ones.
 */
const SCRIPT = `
trap '' INT TERM HUP
cat >/dev/null
for round in 1 2 3 4 5 6 7 8; do
  if [ -d /proc/self ]; then pids=$(grep -lsa "$1" /proc/[0-9]*/environ | cut -d/ -f3)
  else pids=$(ps -axEww -o pid=,command= | grep "$1" | grep -v -e grep -e 'cat >/dev/null' | awk '{ print $1 }'); fi
  [ -z "$pids" ] && exit
  kill -9 $pids 2>/dev/null
done`;

export type ProcessReaper = AsyncDisposable & {
  /** The environment variable that marks a process to be killed when the bridge exits. */
  environment: Record<string, string>;
};

/**
 * Starts a process that kills the agent's processes when the bridge exits, for any reason. Only needed without a sandbox,
 * since a sandbox does the same.
 */
export function startProcessReaper(path: string): ProcessReaper {
  const name = 'IT0_BRIDGE_OF';
  const mark = randomUUID();
  const reaper = spawn('sh', ['-c', SCRIPT, 'sh', `${name}=${mark}`], {
    // A signal to the bridge's process group must not kill it.
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
    env: { PATH: path },
  });
  const exited = new Promise<void>((resolve) => reaper.once('exit', () => resolve()).once('error', () => resolve()));
  return {
    environment: { [name]: mark },
    async [Symbol.asyncDispose]() {
      reaper.stdin?.end();
      await exited;
    },
  };
}
