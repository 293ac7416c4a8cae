import { rmSync } from 'node:fs';
import { get } from 'node:https';
import { type Backoff, computeBackoffMs } from '@it0/node/backoff';
import { delay } from '@it0/node/delay';
import { limitLog } from '@it0/node/limit-log';
import { findTree, isAlive, listProcesses, listProcessTree, readCommandLine, sendSignal } from '@it0/node/process';
import { diagnoseExit } from './exit-diagnosis.ts';
import { openGatewayFolder } from './gateway-folder.ts';
import { type LaunchOptions, launchGateway, type RunningGateway } from './launch-gateway.ts';

export type GatewayAddress = {
  url: string;
  token: string;
  /** Fingerprint of the gateway's certificate, which it proves before the token is sent. */
  fingerprint?: string;
};
export type GatewayProcessOptions = LaunchOptions & {
  onReady(address: GatewayAddress): void;
  /** Called when a start takes longer than usual, and the gateway is at work. */
  onSlowStart?(detail: string): void;
  /** Called when the gateway stops. `detail` tells a user the cause and what to do. */
  onDown(detail: string): void;
  /** The time in which a graceful stop has to end. */
  stopMs?: number;
};

/** The reason of a close that lets the gateway end by itself. */
const GRACEFULLY = 'gracefully';
/** The time for a start, and its extensions while the gateway is at work: under load, a start can take minutes. */
const START_MS = { limit: 120_000, extension: 30_000 };
/** The least processor time that shows work since the last extension, and the most for a start. */
const START_CPU_SECONDS = { min: 1, max: 300 };
const STOP_MS = 4_000;
const GATEWAY_TITLE = 'openclaw';
const BACKOFF: Backoff = { firstMs: 500, maxMs: 30_000 };
/** The uptime after which a gateway counts as stable, which resets the backoff. */
const STABLE_AFTER_MS = 60_000;

const STOPPED = 'The OpenClaw gateway stopped.';
const EXITED = 'The OpenClaw gateway cannot start.';
const SLOW_START = 'The OpenClaw gateway starts slowly, since the machine is busy.';
const NOT_READY = 'The OpenClaw gateway did not become ready in time.';

/**
 * Runs one OpenClaw gateway in a sandbox, and restarts it when it dies. It is killed when the bridge ends in any way.
 */
export function superviseGateway(options: GatewayProcessOptions) {
  const { dir, model, tools, log, onReady, onDown, stopMs = STOP_MS } = options;
  const folder = openGatewayFolder(dir);
  const closing = new AbortController();
  const supervision = supervise();

  async function supervise() {
    await using _limiting = limitLog(folder.output);
    for (let failures = 1; !closing.signal.aborted; failures += 1) {
      const { ranMs, detail } = await runOnce().catch((error: unknown) => {
        log.error({ err: error }, 'cannot start the gateway');
        return { ranMs: 0, detail: `The OpenClaw gateway cannot start: ${error}` };
      });
      if (closing.signal.aborted) return;
      if (ranMs > STABLE_AFTER_MS) failures = 1;
      log.warn({ failures, detail }, 'gateway stopped, restarting it');
      onDown(detail);
      await delay(computeBackoffMs(failures, BACKOFF), closing.signal);
    }
  }

  /** Runs a gateway until it and its child processes have ended. Returns how long it was ready, and why it ended. */
  async function runOnce() {
    const startedAt = Date.now();
    const gateway = await launchGateway(options, folder);
    const isUsable = await isReady(gateway);
    const readyAt = Date.now();
    if (isUsable) {
      log.info({ pid: gateway.pid, tookMs: readyAt - startedAt }, 'gateway ready');
      const { port, token, fingerprint } = gateway;
      onReady({ url: `wss://127.0.0.1:${port}`, token, fingerprint });
      await waitForExit(gateway.pid, closing.signal);
    }
    const summary = isUsable ? STOPPED : isAlive(gateway.pid) ? NOT_READY : EXITED;
    await stopTree(gateway.pid, closing.signal.reason === GRACEFULLY ? stopMs : 0);
    rmSync(folder.record, { force: true });
    const detail = await diagnoseExit(summary, folder.output, [gateway.token, model.apiKey, tools.token]);
    return { ranMs: isUsable ? Date.now() - readyAt : 0, detail };
  }

  async function isReady(gateway: RunningGateway) {
    let deadline = Date.now() + START_MS.limit;
    let cpuSeconds = 0;
    while (isAlive(gateway.pid) && !closing.signal.aborted) {
      if (await isRespondingReady(gateway)) return true;
      if (Date.now() > deadline) {
        const used = await readCpuSeconds(gateway.pid);
        if (used - cpuSeconds < START_CPU_SECONDS.min || used > START_CPU_SECONDS.max) return false;
        log.warn({ pid: gateway.pid, cpuSeconds: used }, 'gateway is still starting');
        options.onSlowStart?.(`${SLOW_START} It has used ${Math.round(used)} s of processor time.`);
        cpuSeconds = used;
        deadline = Date.now() + START_MS.extension;
      }
      await delay(100);
    }
    return false;
  }

  return {
    /**
     * Stops the gateway and its child processes. A graceful stop aborts its runs for good. A killed gateway resumes them
     * after its next start.
     */
    async close({ gracefully }: { gracefully: boolean }) {
      closing.abort(gracefully ? GRACEFULLY : undefined);
      await supervision;
    },
  };
}

/** Returns whether the gateway says that it is ready. Another process on its port does not have its certificate. */
const isRespondingReady = ({ port, certificate }: RunningGateway) =>
  new Promise<boolean>((resolve) => {
    const request = get({
      ...{ host: '127.0.0.1', port, path: '/readyz', agent: false },
      ...{ ca: certificate, checkServerIdentity: () => undefined, signal: AbortSignal.timeout(2_000) },
    });
    request.on('error', () => resolve(false));
    request.once('response', (response) => resolve(response.resume().statusCode === 200));
  });

/** Returns the processor time of a process and its child processes. */
const readCpuSeconds = async (pid: number) =>
  findTree(await listProcesses(), pid).reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0);

/** Waits until the process has ended. It need not be a child of this one. */
async function waitForExit(pid: number, closing: AbortSignal) {
  while (isAlive(pid) && !closing.aborted) await delay(250, closing);
}

/** Stops a process tree. It has some time to end gracefully, unless that is 0. */
async function stopTree(pid: number, gracefulMs: number) {
  const tree = await listProcessTree(pid);
  const deadline = Date.now() + gracefulMs;
  // A sandbox forwards no signals, so this one goes to the gateway itself, which sets its title.
  const gateway = tree.find((id) => readCommandLine(id).startsWith(GATEWAY_TITLE)) ?? pid;
  if (gracefulMs > 0 && sendSignal(gateway, 'SIGTERM')) while (isAlive(pid) && Date.now() < deadline) await delay(25);
  for (const id of new Set([...tree, ...(await listProcessTree(pid))])) sendSignal(id, 'SIGKILL');
}
