import { homedir } from 'node:os';
import { commandOutputBytes } from '@it0/contracts/outside-command';
import { commandEnvironment } from '@it0/node/command-environment';
import { type ProcessEnd, runProcess } from '@it0/node/run-process';
import type { Sandbox } from '@it0/node/sandbox/sandbox';
import type { Workspace } from './workspace.ts';

export type Command = {
  command: string;
  cwd: string;
  workspace: Workspace;
  timeoutMs: number;
  signal: AbortSignal;
  onOutput(text: string): void;
};
export type RunCommand = (command: Command) => Promise<ProcessEnd>;
export type CommandRunner = {
  /** Runs it in the sandbox: as little of the machine as there is. */
  sandboxed: RunCommand;
  /** Runs it as the user that the agent belongs to. Null where that is not to be had. */
  unsandboxed: RunCommand | null;
};

export type RunnerOptions = {
  /** The bridge's folder, which no command sees. */
  dir: string;
  sandbox: Sandbox;
  /** What commands get to see of the environment. */
  environment: Record<string, string>;
  unsandboxed: RunCommand | null;
};

/** Of each process: seconds of processor time, bytes of memory and of a file; and how many processes there are. */
const bounds = { cpuSeconds: 1_800, dataBytes: 4 * 1024 ** 3, fileBytes: 4 * 1024 ** 3, processes: 1_000 } as const;

/**
 * Sets the bounds, and becomes the shell that runs the command. `-u` is bash's word for what is `-p` in dash; a bound that
 * is lower already stays.
 */
const bounded = `
ulimit -t ${bounds.cpuSeconds} 2>/dev/null
ulimit -d ${bounds.dataBytes / 1024} 2>/dev/null
ulimit -f ${bounds.fileBytes / 512} 2>/dev/null
ulimit -c 0 2>/dev/null
{ ulimit -u ${bounds.processes} || ulimit -p ${bounds.processes}; } 2>/dev/null
exec /bin/sh -c "$1" 2>&1`;

/** Runs commands as the agent's. */
export function createCommandRunner({ dir, sandbox, environment, unsandboxed }: RunnerOptions): CommandRunner {
  return {
    async sandboxed({ command, cwd, workspace, timeoutMs, signal, onOutput }) {
      const writable = [workspace.root, ...(workspace.isSharedWritable ? [workspace.shared] : [])];
      const argv = sandbox.wrap(['/bin/sh', '-c', bounded, 'sh', command], {
        ...{ cwd, writable, hidden: [dir] },
        readable: [workspace.shared],
      });
      return runProcess({
        argv,
        // The folder is entered inside: outside it may be another one, or none.
        cwd: sandbox.method === 'none' ? cwd : '/',
        // Without a sandbox `/tmp` is everybody's: whoever writes there would configure what runs here.
        env: commandEnvironment(environment, sandbox.method === 'none' ? homedir() : '/tmp'),
        maxOutputBytes: commandOutputBytes,
        ...{ timeoutMs, signal, onOutput },
      });
    },
    unsandboxed,
  };
}

/** Runs commands as the bridge's own user, for a bridge that is kept in no sandbox itself. */
export const runUnsandboxed =
  (environment: Record<string, string>): RunCommand =>
  ({ command, cwd, timeoutMs, signal, onOutput }) =>
    runProcess({
      argv: ['/bin/sh', '-c', 'exec /bin/sh -c "$1" 2>&1', 'sh', command],
      env: commandEnvironment(environment, homedir()),
      maxOutputBytes: commandOutputBytes,
      ...{ cwd, timeoutMs, signal, onOutput },
    });
