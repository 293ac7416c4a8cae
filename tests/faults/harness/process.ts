import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { until } from '@it0/tests/support/until';

export type ProcessOptions = {
  command: string;
  args: string[];
  env?: Record<string, string>;
  /** File for its output. */
  logFile: string;
  /** Returns whether it is ready. */
  isReady(): Promise<boolean>;
};

export type Process = Awaited<ReturnType<typeof startProcess>>;

/** Starts a process that can be killed and restarted. It ends with this one. */
export async function startProcess({ command, args, env, logFile, isReady }: ProcessOptions) {
  let child: ChildProcess;
  /** Starts it. `change` is added to its environment from now on. */
  const start = async (change: Record<string, string> = {}) => {
    env = { ...env, ...change };
    const log = openSync(logFile, 'a');
    const { PATH = '', HOME = '' } = process.env;
    child = spawn(command, args, { env: { PATH, HOME, ...env }, stdio: ['ignore', log, log, 'ipc'] });
    closeSync(log);
    running.add(child);
    child.on('exit', () => running.delete(child));
    await until(async () => {
      if (child.exitCode !== null)
        throw new Error(`${args.join(' ')} ended:\n${readFileSync(logFile, 'utf8').slice(-2_000)}`);
      return child.signalCode !== null || isReady();
    }, 120_000);
  };
  const kill = async (signal: NodeJS.Signals = 'SIGKILL') => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
  };
  await start();
  return {
    start,
    kill,
    get pid() {
      return child.pid!;
    },
    /** Exit code of the last process; null while it runs, and after a signal. */
    get exitCode() {
      return child.exitCode;
    },
    log: () => readFileSync(logFile, 'utf8'),
  };
}

const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** Returns whether an HTTP server responds, with any status. */
export const isResponding = (url: string) =>
  fetch(url, { signal: AbortSignal.timeout(2_000) }).then(
    () => true,
    () => false,
  );
