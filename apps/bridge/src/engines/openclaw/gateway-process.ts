import { type ChildProcess, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Logger } from 'pino';
import { z } from 'zod';
import { freePort } from './free-port.ts';
import { gatewayConfig, modelKeyVariable } from './gateway-config.ts';
import { withLastWords } from './last-words.ts';
import type { Model } from './model.ts';
import { commandOf, isAlive, signal, treeOf } from './process-tree.ts';

export type GatewayAddress = { url: string; token: string };
export type GatewayProcessOptions = {
  /** The bridge's folder: everything of the gateway is in there too. */
  dir: string;
  model: Model;
  /** What the agent's own processes get to see of the environment. */
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
/** How long a gateway waits for a bridge to come back. */
const orphanedForMs = 5 * 60_000;
const backoff = { firstMs: 500, mostMs: 30_000 };
const stableAfterMs = 60_000;

const stopped = 'The OpenClaw gateway stopped.';
const refuses = 'The OpenClaw gateway does not start.';
const hangs = 'The OpenClaw gateway does not get ready.';

/** What is left beside a running gateway, for a bridge that comes after. */
const RunningGateway = z.object({
  pid: z.int(),
  port: z.int(),
  token: z.string(),
  fingerprint: z.string(),
  /** Whose it is. */
  bridgePid: z.int(),
});
type RunningGateway = z.infer<typeof RunningGateway>;

/** Keeps one OpenClaw gateway running, restarts it when it dies, and takes over the one a killed bridge left behind. */
export function keepGateway(options: GatewayProcessOptions) {
  const { dir, main = entry, log, onReady, onDown } = options;
  const recordFile = join(dir, 'gateway.json');
  const output = join(dir, 'gateway.out');
  const closing = new AbortController();
  const keeping = keep();

  async function keep() {
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
    const gateway = (await leftBehind()) ?? (await launch());
    const isUsable = await isReady(gateway);
    const readyAt = Date.now();
    if (isUsable) {
      log.info({ pid: gateway.pid, tookMs: readyAt - startedAt }, 'gateway ready');
      onReady({ url: `ws://127.0.0.1:${gateway.port}`, token: gateway.token });
      await gone(gateway.pid, closing.signal);
    }
    const what = isUsable ? stopped : isAlive(gateway.pid) ? hangs : refuses;
    await stopTree(gateway.pid, closing.signal.aborted);
    rmSync(recordFile, { force: true });
    const detail = await withLastWords(what, output, [gateway.token, options.model.apiKey]);
    return { ranMs: isUsable ? Date.now() - readyAt : 0, detail };
  }

  const fingerprintOf = (token: string) => {
    const { model, environment } = options;
    const config = gatewayConfig(dir, token, model);
    return createHash('sha256')
      .update(JSON.stringify([config, model.apiKey, environment]))
      .digest('hex');
  };

  /** The gateway of an earlier bridge, if it is just the one that would be started now; another one is ended. */
  async function leftBehind(): Promise<RunningGateway | undefined> {
    const record = readRecord(recordFile);
    if (!record || !(await commandOf(record.pid)).includes('openclaw')) return undefined;
    if (record.fingerprint === fingerprintOf(record.token)) {
      log.info({ pid: record.pid }, 'taking over a gateway');
      return keepRecord(record);
    }
    log.info({ pid: record.pid }, 'ending a gateway that was started otherwise');
    await stopTree(record.pid, true);
  }

  async function launch(): Promise<RunningGateway> {
    const token = randomBytes(24).toString('base64url');
    const port = await freePort();
    const configFile = join(dir, 'openclaw.json');
    const own = { mode: 0o600 };
    for (const folder of ['workspace', 'tmp']) mkdirSync(join(dir, folder), { recursive: true });
    writeFileSync(configFile, JSON.stringify(gatewayConfig(dir, token, options.model), null, 2), own);
    const out = openSync(output, 'w', 0o600);
    const watch = watchForOrphan(recordFile, orphanedForMs);
    const child = spawn(process.execPath, ['--import', watch, main, 'gateway', '--port', String(port)], {
      cwd: join(dir, 'workspace'),
      // A group of its own: Ctrl-C in a terminal is for the bridge, which then ends the gateway in order.
      detached: true,
      stdio: ['ignore', out, out],
      env: { ...options.environment, ...gatewayEnvironment(dir, configFile), [modelKeyVariable]: options.model.apiKey },
    });
    closeSync(out);
    const pid = await started(child);
    log.info({ pid, port }, 'gateway started');
    return keepRecord({ pid, port, token, fingerprint: fingerprintOf(token) });
  }

  function keepRecord(gateway: Omit<RunningGateway, 'bridgePid'>): RunningGateway {
    const record = { ...gateway, bridgePid: process.pid };
    writeFileSync(recordFile, JSON.stringify(record), { mode: 0o600 });
    return record;
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
    /** Ends the gateway and every process below it. */
    async close() {
      closing.abort();
      await keeping;
    },
  };
}

/** What to load into a gateway, so that it ends when no bridge has taken it over for so long. */
export const watchForOrphan = (record: string, graceMs: number) =>
  `${new URL(`orphan-watch${extname(import.meta.url)}`, import.meta.url)}?${new URLSearchParams({ record, graceMs: String(graceMs) })}`;

const entry = fileURLToPath(import.meta.resolve('openclaw/cli-entry'));

/** Keeps OpenClaw inside the folder, and in one process: its launcher would only start a second one. */
const gatewayEnvironment = (dir: string, configFile: string) => ({
  OPENCLAW_CONFIG_PATH: configFile,
  OPENCLAW_STATE_DIR: join(dir, 'state'),
  TMPDIR: join(dir, 'tmp'),
  XDG_CACHE_HOME: join(dir, 'cache'),
  NODE_COMPILE_CACHE: join(dir, 'compile-cache'),
  OPENCLAW_PACKAGED_COMPILE_CACHE_RESPAWNED: '1',
  OPENCLAW_NO_RESPAWN: '1',
  OPENCLAW_DISABLE_BONJOUR: '1',
  OPENCLAW_SKIP_CHANNELS: '1',
  OPENCLAW_EXEC_SHELL_SNAPSHOT: '0',
});

function readRecord(file: string) {
  try {
    return RunningGateway.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return undefined;
  }
}

const started = (child: ChildProcess) =>
  new Promise<number>((resolve, reject) => {
    child.once('spawn', () => resolve(child.pid!)).once('error', reject);
    child.unref();
  });

/** Until the process is gone, which may not be a child of this one. */
async function gone(pid: number, closing: AbortSignal) {
  while (isAlive(pid) && !closing.aborted) await after(250, undefined, { signal: closing }).catch(() => {});
}

async function stopTree(pid: number, politely: boolean) {
  const tree = await treeOf(pid);
  const until = Date.now() + stopWithinMs;
  if (politely && signal(pid, 'SIGTERM')) while (isAlive(pid) && Date.now() < until) await after(25);
  for (const id of new Set([...tree, ...(await treeOf(pid))])) signal(id, 'SIGKILL');
}
