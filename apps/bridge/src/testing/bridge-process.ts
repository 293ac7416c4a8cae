import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BridgeHealth, TaskState } from '@it0/contracts/bridge';
import { delay } from '@it0/node/delay';
import { findFreePort } from '@it0/node/free-port';
import { buildBridgeEnvironment, sharedCompileCache } from './compile-cache.ts';

const MAIN = fileURLToPath(new URL('../main.ts', import.meta.url));
const SECRET = 'the secret of a test';

/** Starts a real bridge in a separate process with the given folder. It starts its own gateway. */
export async function startBridge(dir: string, environment: Record<string, string> = {}) {
  const hasGateway = environment.BRIDGE_ENGINE === undefined && environment.OPENCLAW_URL === undefined;
  const cache = hasGateway ? { BRIDGE_COMPILE_CACHE: await sharedCompileCache() } : {};
  const port = await findFreePort();
  const child = spawn(process.execPath, [MAIN], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: {
      ...{ ...buildBridgeEnvironment(), ...cache },
      ...{ BRIDGE_DIR: dir, BRIDGE_PORT: `${port}`, BRIDGE_SECRET: SECRET, ...environment },
    },
  });
  const exited = once(child, 'exit');
  const request = async (method: string, path: string, body?: object) =>
    fetch(`http://127.0.0.1:${port}${path}`, {
      method,
      headers: { authorization: `Bearer ${SECRET}`, 'content-type': 'application/json' },
      body: body && JSON.stringify(body),
    });
  const readHealth = async () => {
    const response = await request('GET', '/readyz').catch(() => null);
    return response && BridgeHealth.parse(await response.json());
  };
  async function until(is: (health: BridgeHealth | null) => boolean) {
    while (!is(await readHealth())) {
      if (child.exitCode !== null) throw new Error('the bridge exited');
      await delay(50);
    }
  }
  return {
    url: `http://127.0.0.1:${port}`,
    secret: SECRET,
    request,
    health: readHealth,
    /** Waits until the bridge responds. */
    listening: () => until((health) => health !== null),
    /** Waits until the bridge is ready for tasks. */
    ready: () => until((health) => health?.ready === true),
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
