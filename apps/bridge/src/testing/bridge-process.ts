import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { BridgeHealth, TaskState } from '@it0/contracts/bridge';
import { freePort } from '@it0/node/free-port';
import { readAgentEnvironment } from '../env.ts';

const main = fileURLToPath(new URL('../main.ts', import.meta.url));
const secret = 'the secret of a test';

/** The bridge as it is really run: its own process, on a folder, with whatever gateway it starts there. */
export async function startBridge(dir: string, environment: Record<string, string> = {}) {
  const port = await freePort();
  const child = spawn(process.execPath, [main], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: { ...readAgentEnvironment(), BRIDGE_DIR: dir, BRIDGE_PORT: `${port}`, BRIDGE_SECRET: secret, ...environment },
  });
  const exited = once(child, 'exit');
  const request = async (method: string, path: string, body?: object) =>
    fetch(`http://127.0.0.1:${port}${path}`, {
      method,
      headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
      body: body && JSON.stringify(body),
    });
  const health = async () => {
    const response = await request('GET', '/readyz').catch(() => null);
    return response && BridgeHealth.parse(await response.json());
  };
  async function until(is: (found: BridgeHealth | null) => boolean) {
    while (!is(await health())) {
      if (child.exitCode !== null) throw new Error('the bridge did not start');
      await after(50);
    }
  }
  return {
    url: `http://127.0.0.1:${port}`,
    secret,
    request,
    health,
    /** Waits until it answers. */
    listening: () => until((found) => found !== null),
    /** Waits until it takes tasks on. */
    ready: () => until((found) => found?.ready === true),
    state: async (taskId: string) => TaskState.parse(await (await request('GET', `/task-async/${taskId}`)).json()),
    gatewayPid: () => JSON.parse(readFileSync(join(dir, 'gateway.json'), 'utf8')).pid as number,
    async end(signal: NodeJS.Signals) {
      child.kill(signal);
      await exited;
    },
    async endByDisconnect() {
      child.disconnect();
      await exited;
    },
  };
}
