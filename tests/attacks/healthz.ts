import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

type Look = { ok: boolean; ms: number };

/** Asks a server's `/healthz` all the time, from another process. */
export async function watchHealth(url: string) {
  const child = fork(join(import.meta.dirname, 'healthz.fixture.ts'), [url], { execArgv: [] });
  const looks: Look[] = [];
  child.on('message', (look) => looks.push(look as Look));
  await once(child, 'message');
  return {
    /** Returns how long the slowest took since the last time this was asked, in milliseconds; null when one was not answered. */
    async slowest(): Promise<number | null> {
      await once(child, 'message');
      const since = looks.splice(0);
      return since.every(({ ok }) => ok) ? Math.round(Math.max(...since.map(({ ms }) => ms))) : null;
    },
    [Symbol.dispose]: () => void child.kill('SIGKILL'),
  };
}
