import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, constants, openSync, rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:https';
import { setTimeout as after } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePort } from '@it0/node/free-port';
import { limitLog } from '@it0/node/limit-log';
import { giveFolder } from '@it0/node/sandbox/account';
import { findPackages } from '@it0/node/sandbox/find-packages';
import type { Sandbox } from '@it0/node/sandbox/sandbox';
import { createSelfSignedCertificate, type SelfSignedCertificate } from '@it0/node/self-signed-certificate';
import { newToken } from '@it0/node/token';
import type { Logger } from 'pino';
import { diagnoseExit } from './exit-diagnosis.ts';
import { buildGatewayConfig, SECRET_VARIABLES } from './gateway-config.ts';
import { type GatewayFolder, openGatewayFolder } from './gateway-folder.ts';
import { writePlugin } from './gateway-plugin.ts';
import type { Model } from './model.ts';
import { isAlive, listProcessTree, sendSignal } from './process-tree.ts';

export type GatewayAddress = {
  url: string;
  token: string;
  /** Fingerprint of the gateway's certificate, which it proves before the token is sent. */
  fingerprint?: string;
};
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

/** The reason of a close that lets the gateway end by itself. */
const GRACEFULLY = 'gracefully';
const startWithinMs = 120_000;
const stopWithinMs = 4_000;
const backoff = { firstMs: 500, mostMs: 30_000 };
const stableAfterMs = 60_000;

const stopped = 'The OpenClaw gateway stopped.';
const refuses = 'The OpenClaw gateway does not start.';
const hangs = 'The OpenClaw gateway does not get ready.';

type RunningGateway = { pid: number; port: number; token: string } & Omit<SelfSignedCertificate, 'key'>;

/**
 * Runs one OpenClaw gateway in a sandbox, and restarts it when it dies. It is killed when the bridge ends in any way.
 */
export function superviseGateway(options: GatewayProcessOptions) {
  const { dir, model, tools, sandbox, main = entry, log, onReady, onDown } = options;
  const folder = openGatewayFolder(dir);
  const closing = new AbortController();
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
      const { port, token, fingerprint } = gateway;
      onReady({ url: `wss://127.0.0.1:${port}`, token, fingerprint });
      await gone(gateway.pid, closing.signal);
    }
    const what = isUsable ? stopped : isAlive(gateway.pid) ? hangs : refuses;
    await stopTree(gateway.pid, closing.signal.reason === GRACEFULLY);
    rmSync(folder.record, { force: true });
    const detail = await diagnoseExit(what, folder.output, [gateway.token, model.apiKey, tools.token]);
    return { ranMs: isUsable ? Date.now() - readyAt : 0, detail };
  }

  async function launch(): Promise<RunningGateway> {
    const token = newToken();
    const port = await freePort();
    const { key, certificate, fingerprint } = createSelfSignedCertificate();
    writeFileSync(folder.key, key, { mode: 0o600 });
    writeFileSync(folder.certificate, certificate, { mode: 0o600 });
    writePlugin(folder.plugin);
    const config = buildGatewayConfig({ folder, token, model, toolsUrl: tools.url });
    writeFileSync(folder.config, JSON.stringify(config, null, 2), { mode: 0o600 });
    if (sandbox.account !== null) for (const own of [folder.root, folder.plugin]) giveFolder(own, sandbox.account);
    const argv = sandbox.wrap([process.execPath, main, 'gateway', '--port', String(port)], {
      ...{ cwd: folder.prompts, writable: [folder.root], readable: [folder.plugin, findPackages(main)], hidden: [dir] },
    });
    // O_APPEND, since `limitLog` truncates the file while the gateway writes to it.
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
        [SECRET_VARIABLES.model]: model.apiKey,
        [SECRET_VARIABLES.tools]: tools.token,
      },
    });
    closeSync(out);
    const pid = await started(child);
    log.info({ pid, port }, 'gateway started');
    writeFileSync(folder.record, JSON.stringify({ pid, port, token }), { mode: 0o600 });
    return { pid, port, token, certificate, fingerprint };
  }

  async function isReady(gateway: RunningGateway) {
    const until = Date.now() + startWithinMs;
    while (Date.now() < until && isAlive(gateway.pid) && !closing.signal.aborted) {
      if (await answersReady(gateway)) return true;
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
      closing.abort(gracefully ? GRACEFULLY : undefined);
      await keeping;
    },
  };
}

/** Returns whether the gateway says that it is ready. Another process on its port does not have its certificate. */
const answersReady = ({ port, certificate }: RunningGateway) =>
  new Promise<boolean>((resolve) => {
    const sent = get({
      ...{ host: '127.0.0.1', port, path: '/readyz', agent: false },
      ...{ ca: certificate, checkServerIdentity: () => undefined, signal: AbortSignal.timeout(2_000) },
    });
    sent.on('error', () => resolve(false));
    sent.once('response', (response) => resolve(response.resume().statusCode === 200));
  });

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
  const tree = await listProcessTree(pid);
  const until = Date.now() + stopWithinMs;
  if (gracefully && sendSignal(pid, 'SIGTERM')) while (isAlive(pid) && Date.now() < until) await after(25);
  for (const id of new Set([...tree, ...(await listProcessTree(pid))])) sendSignal(id, 'SIGKILL');
}
