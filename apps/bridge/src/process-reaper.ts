import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';

/**
 * Waits for the end of its input, which is the end of the bridge, and kills whatever has the mark in its environment:
 * children of children too, whose parents are gone already.
 */
const script = `
trap '' INT TERM HUP
cat >/dev/null
for round in 1 2 3 4 5 6 7 8; do
  if [ -d /proc/self ]; then pids=$(grep -lsa "$1" /proc/[0-9]*/environ | cut -d/ -f3)
  else pids=$(ps -axEww -o pid=,command= | grep "$1" | grep -v -e grep -e 'cat >/dev/null' | awk '{ print $1 }'); fi
  [ -z "$pids" ] && exit
  kill -9 $pids 2>/dev/null
done`;

export type ProcessReaper = {
  /** Marks a process as one to end with the bridge. */
  environment: Record<string, string>;
  close(): Promise<void>;
};

/** Ends what an agent started with the bridge, however that ends, where no sandbox does so. */
export function startProcessReaper(path: string): ProcessReaper {
  const name = 'IT0_BRIDGE_OF';
  const mark = randomUUID();
  const guard = spawn('sh', ['-c', script, 'sh', `${name}=${mark}`], {
    // Not in the bridge's group, with which it would be killed.
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
    env: { PATH: path },
  });
  const over = new Promise<void>((resolve) => guard.once('exit', () => resolve()).once('error', () => resolve()));
  return {
    environment: { [name]: mark },
    async close() {
      guard.stdin?.end();
      await over;
    },
  };
}
