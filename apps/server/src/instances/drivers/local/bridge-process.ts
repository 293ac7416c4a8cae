import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { BridgeListening, SHARED_SECRET_SCHEME } from '@it0/contracts/bridge-listening';
import { commandOf } from '@it0/db/embedded/command-of';
import { limitLog } from '@it0/node/limit-log';
import { type Confinement, isolateBridge } from './isolate-bridge.ts';
import { type ConsumeApproval, serveUnsandboxedCommands } from './unsandboxed-commands.ts';

export type BridgeProcess = {
  /** Returns its address; null before it listens, and after it ended. */
  url(): string | null;
  /** Aborts when the process is gone, however that came. */
  ended: AbortSignal;
  /** Ends it in good order; when that takes too long, it is killed with all that it started. */
  end(): Promise<void>;
};

export type BridgeOptions = {
  /** The bridge's own folder, made if it is not there. */
  dir: string;
  secret: string;
  /** What the process gets of the environment, the keys of its model included. */
  env: Record<string, string>;
  /** The sandbox of the bridge. */
  confinement: Confinement;
  /** Uses up the approval of a command outside the sandbox. Without it no command runs there. */
  consumeApproval?: ConsumeApproval;
  /** The program. */
  main?: string;
};

const bridgeMain = fileURLToPath(new URL('../../../../../bridge/src/main.ts', import.meta.url));
const patience = 20_000;

/** Returns a file of the server beside a bridge's folder, where the agent cannot create links. */
export const pidFile = (dir: string) => `${dir}.pid`;
export const logFile = (dir: string) => `${dir}.log`;

/** Starts a bridge in its folder, once the one is gone that an earlier server may have left there. */
export async function startBridge({
  dir,
  secret,
  env,
  confinement,
  consumeApproval,
  main = bridgeMain,
}: BridgeOptions): Promise<BridgeProcess> {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  if (existsSync(pidFile(dir))) await gone(Number(readFileSync(pidFile(dir), 'utf8')), dir);
  const isolated = isolateBridge([process.execPath, main, dir], { dir, env, confinement });
  const [program, ...argv] = isolated.argv;
  const log = openSync(logFile(dir), 'a', 0o600);
  const limiting = limitLog(logFile(dir));
  // Its folder as an argument names it in the list of processes. In a process group of its own it does not see a
  // terminal's Ctrl-C: the server ends it.
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
      limiting[Symbol.dispose]();
      ended.abort();
    });
  const { pid } = child;
  if (pid) writeFileSync(pidFile(dir), `${pid}`, { mode: 0o600 });
  return {
    url: () => (port === null || ended.signal.aborted ? null : `${SHARED_SECRET_SCHEME}//127.0.0.1:${port}`),
    ended: ended.signal,
    end: async () => {
      // A sandbox forwards no signals. A bridge ends when the IPC channel closes, also after the server was killed.
      if (child.connected) child.disconnect();
      if (pid) await gone(pid, dir);
      await exited;
    },
  };
}

/** The last lines a bridge wrote. */
export function readLastLines(dir: string, count: number): string {
  const lines = readFileSync(logFile(dir), 'utf8').trimEnd().split('\n');
  return lines.slice(-count).join('\n');
}

/** Waits until the bridge of this folder that had the number `pid` is gone, and sees to it. */
export async function gone(pid: number, dir: string) {
  const isThere = () => commandOf(pid).includes(` ${dir} `);
  for (const deadline = Date.now() + patience; isThere() && Date.now() < deadline; ) await sleep(50);
  if (isThere()) process.kill(-pid, 'SIGKILL');
  while (isThere()) await sleep(10);
}
