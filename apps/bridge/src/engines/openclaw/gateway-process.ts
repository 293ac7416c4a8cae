import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, constants, openSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as after } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { limitLog } from '@it0/node/limit-log';
import { giveFolder } from '@it0/node/sandbox/account';
import { findPackages } from '@it0/node/sandbox/find-packages';
import type { Sandbox } from '@it0/node/sandbox/sandbox';
import type { Logger } from 'pino';
import { newToken } from '../../token.ts';
import { freePort } from './free-port.ts';
import { gatewayConfig, secretVariables } from './gateway-config.ts';
import { type GatewayFolder, openGatewayFolder } from './gateway-folder.ts';
import { writePlugin } from './gateway-plugin.ts';
import { withLastWords } from './last-words.ts';
import type { Model } from './model.ts';
import { isAlive, signal, treeOf } from './process-tree.ts';

export type GatewayAddress = { url: string; token: string };
export type GatewayProcessOptions = {
  /** The bridge's folder, which is hidden from the gateway. */
  dir: string;
  model: Model;
  /** The URL and token of the bridge's tool server. */
  tools: { url: string; token: string };
  sandbox: Sandbox;
  /** The environment variables of the gateway. */
  environment: Record<string, string>;
  /** The program. */
  main?: string;
  log: Logger;
  onReady(address: GatewayAddress): void;
  /** `detail` says what a person can know of it, and do. */
  onDown(detail: string): void;
};

const startWithinMs = 120_000;
const stopWithinMs = 4_000;
const backoff = { firstMs: 500, mostMs: 30_000 };
const stableAfterMs = 60_000;

const stopped = 'The OpenClaw gateway stopped.';
const refuses = 'The OpenClaw gateway does not start.';
const hangs = 'The OpenClaw gateway does not get ready.';

type RunningGateway = { pid: number; port: number; token: string };

/**
 * Runs one OpenClaw gateway in a sandbox, and restarts it when it dies. It is killed when the bridge ends in any way.
 */
export function keepGateway(options: GatewayProcessOptions) {
  const { dir, model, tools, sandbox, main = entry, log, onReady, onDown } = options;
  const folder = openGatewayFolder(dir);
  const closing = new AbortController();
  let isGraceful = false;
  const keeping = keep();

  async function keep() {
    using _limiting = limitLog(folder.output);
    for (let failures = 0; !closing.signal.aborted; failures += 1) {
      const { ranMs, detail } = await once().catch((error: unknown) => {
        log.error({ err: error }, 'gateway cannot be started');
        return { ranMs: 0, detail: `The OpenClaw gateway cannot be started: ${error}` };
      });
      if (closing.signal.aborted) return;
      if (ranMs > stableAfterMs) failures = 0;
      log.warn({ failures, detail }, 'gateway stopped, starting it again');
      onDown(detail);
      const pause = Math.min(backoff.mostMs, backoff.firstMs * 2 ** failures);
      await after(pause, undefined, { signal: closing.signal }).catch(() => {});
    }
  }

  /** One gateway, from its start until it is gone with all below it: how long it was of use, and why no longer. */
  async function once() {
    const startedAt = Date.now();
    const gateway = await launch();
    const isUsable = await isReady(gateway);
    const readyAt = Date.now();
    if (isUsable) {
      log.info({ pid: gateway.pid, tookMs: readyAt - startedAt }, 'gateway ready');
      onReady({ url: `ws://127.0.0.1:${gateway.port}`, token: gateway.token });
      await gone(gateway.pid, closing.signal);
    }
    const what = isUsable ? stopped : isAlive(gateway.pid) ? hangs : refuses;
    await stopTree(gateway.pid, isGraceful);
    rmSync(folder.record, { force: true });
    const detail = await withLastWords(what, folder.output, [gateway.token, model.apiKey, tools.token]);
    return { ranMs: isUsable ? Date.now() - readyAt : 0, detail };
  }

  async function launch(): Promise<RunningGateway> {
    const token = newToken();
    const port = await freePort();
    writePlugin(folder.plugin);
    const config = gatewayConfig({ folder, token, model, toolsUrl: tools.url });
    writeFileSync(folder.config, JSON.stringify(config, null, 2), { mode: 0o600 });
    if (sandbox.account !== null) for (const own of [folder.root, folder.plugin]) giveFolder(own, sandbox.account);
    const argv = sandbox.wrap([process.execPath, main, 'gateway', '--port', String(port)], {
      ...{ cwd: folder.prompts, writable: [folder.root], readable: [folder.plugin, findPackages(main)], hidden: [dir] },
    });
    const { O_WRONLY, O_CREAT, O_TRUNC, O_APPEND } = constants;
    const out = openSync(folder.output, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0o600);
    const child = spawn(argv[0]!, argv.slice(1), {
      cwd: sandbox.method === 'none' ? folder.prompts : '/',
      // A group of its own: Ctrl-C in a terminal is for the bridge, which then ends the gateway in order.
      detached: true,
      stdio: ['ignore', out, out],
      env: {
        ...options.environment,
        ...gatewayEnvironment(folder),
        [secretVariables.model]: model.apiKey,
        [secretVariables.tools]: tools.token,
      },
    });
    closeSync(out);
    const pid = await started(child);
    log.info({ pid, port }, 'gateway started');
    writeFileSync(folder.record, JSON.stringify({ pid, port, token }), { mode: 0o600 });
    return { pid, port, token };
  }

  async function isReady({ pid, port }: RunningGateway) {
    const until = Date.now() + startWithinMs;
    while (Date.now() < until && isAlive(pid) && !closing.signal.aborted) {
      const ready = await fetch(`http://127.0.0.1:${port}/readyz`, { signal: AbortSignal.timeout(2_000) }).then(
        ({ ok }) => ok,
        () => false,
      );
      if (ready) return true;
      await after(100);
    }
    return false;
  }

  return {
    /**
     * Ends the gateway and every process below it. A gateway that is asked to end aborts its runs for good; one that is
     * killed resumes them after its next start.
     */
    async close({ gracefully }: { gracefully: boolean }) {
      isGraceful = gracefully;
      closing.abort();
      await keeping;
    },
  };
}

const entry = fileURLToPath(import.meta.resolve('openclaw/cli-entry'));

/**
 * Returns the variables that confine OpenClaw to its folder, and to one process: its launcher would start a second one.
 */
const gatewayEnvironment = (folder: GatewayFolder) => ({
  OPENCLAW_CONFIG_PATH: folder.config,
  OPENCLAW_STATE_DIR: folder.state,
  HOME: folder.root,
  TMPDIR: folder.temporary,
  XDG_CACHE_HOME: folder.cache,
  NODE_COMPILE_CACHE: folder.compileCache,
  OPENCLAW_PACKAGED_COMPILE_CACHE_RESPAWNED: '1',
  OPENCLAW_NO_RESPAWN: '1',
  OPENCLAW_DISABLE_BONJOUR: '1',
  OPENCLAW_SKIP_CHANNELS: '1',
  OPENCLAW_EXEC_SHELL_SNAPSHOT: '0',
});

const started = (child: ChildProcess) =>
  new Promise<number>((resolve, reject) => {
    child.once('spawn', () => resolve(child.pid!)).once('error', reject);
    child.unref();
  });

/** Until the process is gone, which may not be a child of this one. */
async function gone(pid: number, closing: AbortSignal) {
  while (isAlive(pid) && !closing.aborted) await after(250, undefined, { signal: closing }).catch(() => {});
}

async function stopTree(pid: number, gracefully: boolean) {
  const tree = await treeOf(pid);
  const until = Date.now() + stopWithinMs;
  if (gracefully && signal(pid, 'SIGTERM')) while (isAlive(pid) && Date.now() < until) await after(25);
  for (const id of new Set([...tree, ...(await treeOf(pid))])) signal(id, 'SIGKILL');
}
