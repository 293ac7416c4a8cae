import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { BridgeListening, SHARED_SECRET_SCHEME } from '@it0/contracts/bridge-listening';
import { delay } from '@it0/node/delay';
import { limitLog } from '@it0/node/limit-log';
import { readCommandLine } from '@it0/node/process';
import { type Confinement, isolateBridge } from './isolate-bridge.ts';
import { type ConsumeApproval, serveUnsandboxedCommands } from './unsandboxed-commands.ts';

export type BridgeProcess = {
  /** Returns the address of the bridge; null before it listens and after it has ended. */
  url(): string | null;
  /** Aborts when the process has ended for any reason. */
  ended: AbortSignal;
  /** Stops the process gracefully. After a timeout, kills it and all processes it started. */
  end(): Promise<void>;
};

export type BridgeOptions = {
  /** Folder of the bridge. Created when missing. */
  dir: string;
  secret: string;
  /** Environment of the process, including the keys of its model. */
  env: Record<string, string>;
  /** Sandbox of the bridge. */
  confinement: Confinement;
  /** Consumes the approval of a command outside the sandbox. Without it, no command runs there. */
  consumeApproval?: ConsumeApproval;
  /** Returns the folder of the compile cache that gateways share; undefined while there is none. */
  compileCache?: () => string | undefined;
  /** Path of the program. */
  main?: string;
};

const BRIDGE_MAIN = fileURLToPath(new URL('../../../../../bridge/src/main.ts', import.meta.url));
/** Time in which a bridge has to end before it is killed. */
const END_MS = 20_000;

/** Returns a file of the server beside a bridge's folder, where the agent cannot create links. */
export const toPidFile = (dir: string) => `${dir}.pid`;
/** Reads the id of an instance's first process outside its sandbox; 0 when there is no pid file. */
export const readPid = async (dir: string) => Number(await readFile(toPidFile(dir), 'utf8').catch(() => ''));
export const toLogFile = (dir: string) => `${dir}.log`;

/** Starts a bridge in its folder. First ends the bridge that a killed server may have left there. */
export async function startBridge({
  dir,
  secret,
  env,
  confinement,
  consumeApproval,
  compileCache,
  main = BRIDGE_MAIN,
}: BridgeOptions): Promise<BridgeProcess> {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const earlierPid = await readPid(dir);
  if (earlierPid > 0) await waitForBridgeExit(earlierPid, dir);
  const shared = compileCache?.();
  const isolated = isolateBridge([process.execPath, main, dir], {
    ...{ dir, confinement, env: { ...env, ...(shared && { BRIDGE_COMPILE_CACHE: shared }) } },
    readable: shared ? [shared] : [],
  });
  const [program, ...argv] = isolated.argv;
  const log = openSync(toLogFile(dir), 'a', 0o600);
  const logLimiter = limitLog(toLogFile(dir));
  // The folder is an argument, so that the process can be identified later. A separate process group keeps a terminal's
  // Ctrl-C away from the bridge, which the server ends.
  const child = spawn(program!, argv, {
    detached: true,
    stdio: ['ignore', log, log, 'ipc'],
    env: {
      ...isolated.env,
      BRIDGE_DIR: dir,
      BRIDGE_HOST: '127.0.0.1',
      // The bridge picks a port and reports it: one that was picked here could be taken before the bridge listens.
      BRIDGE_PORT: '0',
      BRIDGE_SECRET: secret,
      BRIDGE_TLS: 'shared-secret',
      BRIDGE_OUTSIDE: consumeApproval ? 'server' : 'none',
    },
  });
  if (consumeApproval) serveUnsandboxedCommands(child, consumeApproval, env);
  closeSync(log);
  let port: number | null = null;
  child.on('message', (message) => {
    port = BridgeListening.safeParse(message).data?.port ?? port;
  });
  const ended = new AbortController();
  const exited = once(child, 'exit')
    .catch(() => {})
    .then(() => {
      ended.abort();
      return logLimiter[Symbol.asyncDispose]();
    });
  const { pid } = child;
  if (pid) writeFileSync(toPidFile(dir), `${pid}`, { mode: 0o600 });
  return {
    url: () => (port === null || ended.signal.aborted ? null : `${SHARED_SECRET_SCHEME}//127.0.0.1:${port}`),
    ended: ended.signal,
    end: async () => {
      // A sandbox forwards no signals. A bridge ends when the IPC channel closes, also after the server was killed.
      if (child.connected) child.disconnect();
      if (pid) await waitForBridgeExit(pid, dir);
      await exited;
    },
  };
}

/** Waits until the process `pid` of the bridge in this folder has ended. Kills it after a timeout. */
export async function waitForBridgeExit(pid: number, dir: string) {
  const isAlive = () => readCommandLine(pid).includes(` ${dir} `);
  for (const deadline = Date.now() + END_MS; isAlive() && Date.now() < deadline; ) await delay(50);
  if (isAlive()) process.kill(-pid, 'SIGKILL');
  while (isAlive()) await delay(10);
}
