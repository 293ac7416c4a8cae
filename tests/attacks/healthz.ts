import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/** One request of `/healthz`: whether it succeeded, and its response time. */
type Probe = { ok: boolean; ms: number };

/** Requests a server's `/healthz` in a loop, from another process, until disposed. */
export async function watchHealth(url: string) {
  const child = fork(join(import.meta.dirname, 'healthz.fixture.ts'), [url], { execArgv: [] });
  const probes: Probe[] = [];
  child.on('message', (probe) => probes.push(probe as Probe));
  await once(child, 'message');
  return {
    /** Returns the slowest response time since the last call, in milliseconds, or null when a request failed. */
    async slowest(): Promise<number | null> {
      await once(child, 'message');
      const since = probes.splice(0);
      return since.every(({ ok }) => ok)
        ? Math.round(since.reduce((slowest, { ms }) => Math.max(slowest, ms), 0))
        : null;
    },
    [Symbol.dispose]: () => void child.kill('SIGKILL'),
  };
}
