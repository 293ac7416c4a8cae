import { homedir } from 'node:os';
import { MAX_COMMAND_OUTPUT_BYTES } from '@it0/contracts/unsandboxed-command';
import { createCommandEnvironment } from '@it0/node/command-environment';
import { every } from '@it0/node/every';
import { type ProcessEnd, runProcess } from '@it0/node/run-process';
import type { Sandbox } from '@it0/node/sandbox/sandbox';
import { runShellCommand, wrapCommand } from '@it0/node/shell-command';
import type { Workspace } from './workspace.ts';

/** An approved command line, and how it is run. `onOutput` receives both of its output streams. */
export type Command = {
  approvalId: string;
  command: string;
  /** The real path of the folder it runs in. It does not run if that has become a link. */
  cwd: string;
  workspace: Workspace;
  timeoutMs: number;
  signal: AbortSignal;
  onOutput(text: string): void;
};
export type RunCommand = (command: Command) => Promise<ProcessEnd>;
export type CommandRunner = {
  /** True when commands see no more of the bridge's folder than the folders of their task. */
  isIsolated: boolean;
  /** Runs a command in the sandbox. */
  sandboxed: RunCommand;
  /** Runs a command as the bridge's or the server's user; null where that is not possible. */
  unsandboxed: RunCommand | null;
};

export type RunnerOptions = {
  /** The bridge's folder, which is hidden from commands. */
  dir: string;
  sandbox: Sandbox;
  /** The variables that a command's environment is made from. */
  environment: Record<string, string>;
  unsandboxed: RunCommand | null;
};

/** The interval at which the free space is measured while a command runs. */
const MEASURE_INTERVAL_MS = 1_000;

/** Resource limits. The first three apply to each process, `processes` to the account. */
const RESOURCE_LIMITS = {
  cpuSeconds: 1_800,
  dataBytes: 4 * 1024 ** 3,
  fileBytes: 4 * 1024 ** 3,
  processes: 1_000,
} as const;

/**
 * Shell code that sets the limits. The limit of processes is `-u` in bash and `-p` in dash. A limit that is already
 * lower stays, since raising it fails.
 */
const SET_LIMITS = `
ulimit -t ${RESOURCE_LIMITS.cpuSeconds} 2>/dev/null
ulimit -d ${RESOURCE_LIMITS.dataBytes / 1024} 2>/dev/null
ulimit -f ${RESOURCE_LIMITS.fileBytes / 512} 2>/dev/null
ulimit -c 0 2>/dev/null
{ ulimit -u ${RESOURCE_LIMITS.processes} || ulimit -p ${RESOURCE_LIMITS.processes}; } 2>/dev/null`;

/** Creates the runner of an agent's commands. */
export function createCommandRunner({ dir, sandbox, environment, unsandboxed }: RunnerOptions): CommandRunner {
  return {
    isIsolated: sandbox.method !== 'none',
    async sandboxed({ command, cwd, workspace, timeoutMs, signal, onOutput }) {
      const writable = [workspace.root, ...(workspace.isSharedWritable ? [workspace.shared] : [])];
      const argv = sandbox.wrap(wrapCommand(command, cwd, SET_LIMITS), {
        ...{ cwd, writable, hidden: [dir] },
        readable: [workspace.shared],
      });
      await workspace.requireSpace();
      await using space = watchSpace(workspace);
      const end = await runProcess({
        ...{ argv, cwd: '/' },
        // Without a sandbox every account can write to `/tmp`, so HOME there would let others configure the command.
        env: createCommandEnvironment(environment, sandbox.method === 'none' ? homedir() : '/tmp'),
        maxOutputBytes: MAX_COMMAND_OUTPUT_BYTES,
        ...{ timeoutMs, onOutput },
        signal: AbortSignal.any([signal, space.low]),
      });
      if (end.stoppedBy === 'cancel') space.low.throwIfAborted();
      return end;
    },
    unsandboxed,
  };
}

/** Watches the disk until disposed. `low` aborts, with the refusal as its reason, when it is almost full. */
function watchSpace({ requireSpace }: Workspace) {
  const low = new AbortController();
  const checks = every({
    ms: MEASURE_INTERVAL_MS,
    run: requireSpace,
    onError: (error) => low.abort(new Error(`The command was stopped. ${(error as Error).message}`)),
  });
  return { ...checks, low: low.signal };
}

/** Runs commands as the bridge's own user, for a bridge that is not in a sandbox itself. */
export const runUnsandboxed =
  (environment: Record<string, string>): RunCommand =>
  ({ command, cwd, timeoutMs, signal, onOutput }) =>
    runShellCommand({
      command,
      cwd,
      environment,
      maxOutputBytes: MAX_COMMAND_OUTPUT_BYTES,
      timeoutMs,
      signal,
      onOutput,
    });
