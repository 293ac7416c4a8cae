import { realpath, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { limits } from '@it0/contracts/limits';
import type { ProcessEnd } from '@it0/node/run-process';
import { z } from 'zod';
import type { CommandRunner } from './command-runner.ts';
import { hasAgentConfiguration } from './files/agent-configuration.ts';
import { readCommandFiles } from './files/command-paths.ts';
import { collectOutput } from './output.ts';
import { defineTool, errorResult, notAllowedResult, type ToolResult } from './tool.ts';

const TIMEOUT_SECONDS = { default: 600, max: 1_800 } as const;

/** Returns whether a shell gets the text unchanged: an argument cannot have NUL, and a lone surrogate has no UTF-8. */
const isExact = (command: string) => !command.includes('\0') && command.isWellFormed();

const RunCommand = z.strictObject({
  command: z
    .string()
    .max(limits.command)
    .refine((command) => command.trim() !== '', 'It is empty.')
    .refine(isExact, 'It has characters that no shell takes.')
    .describe('A command line for /bin/sh. It has no terminal and an empty input.'),
  cwd: z
    .string()
    .max(limits.detail)
    .refine(isExact, 'It has characters that no path has.')
    .optional()
    .describe('The folder it runs in. Without it, the workspace. Relative to the workspace.'),
  timeout_seconds: z
    .int()
    .min(1)
    .max(TIMEOUT_SECONDS.max)
    .optional()
    .describe(`${TIMEOUT_SECONDS.default} unless given.`),
  outside_sandbox: z
    .boolean()
    .optional()
    .describe(
      'Commands run in a sandbox: they change nothing but the workspace and a temporary folder, and have no root rights. ' +
        'Set this for a command that needs the machine itself, such as sudo or systemctl. The user is asked each time.',
    ),
});

/** Creates the tool that runs a shell command, exactly as it was approved. */
export const runCommand = (runner: CommandRunner) =>
  defineTool({
    description:
      'Run a shell command on the machine. The user may have to approve it first, so say what you want to do and why ' +
      'before you call this. Output and exit code are returned when it has ended; it is stopped when its time is over.',
    input: RunCommand,
    title: ({ command }) => command,
    async run({ command, cwd: folder = '.', timeout_seconds, outside_sandbox = false }, call) {
      const path = resolve(call.workspace.root, folder);
      const found = await findFolder(path);
      if (!found && !outside_sandbox) return errorResult(`There is no folder ${path}.`);
      if (outside_sandbox && !runner.unsandboxed) return errorResult(noUnsandboxed);
      // Outside of the bridge's sandbox there are folders that it does not see. A link among them is refused later.
      const cwd = found ?? path;
      if (cwd.length > limits.detail) return errorResult('The path of the folder is too long.');
      // A command outside the sandbox may be the one that makes room.
      if (!outside_sandbox) await call.workspace.requireSpace();
      const { taskFolders, agentFolders } = call.workspace;
      const folders = runner.isIsolated && !outside_sandbox ? taskFolders : agentFolders;
      const files = readCommandFiles(command);
      const hasConfiguration = () => hasAgentConfiguration(folders, cwd, files);
      const agentConfiguration = (await hasConfiguration()) || undefined;
      const kind = outside_sandbox ? 'exec-unsandboxed' : 'exec';
      const { status, approvalId } = await call.requestApproval({ kind, command, cwd, agentConfiguration });
      if (status !== 'ALLOWED') return notAllowedResult(status);
      // Another session of the user may have written configuration while the approval was pending.
      if (!agentConfiguration && (await hasConfiguration())) return errorResult(changedSince);
      const run = outside_sandbox ? runner.unsandboxed! : runner.sandboxed;
      const timeoutMs = (timeout_seconds ?? TIMEOUT_SECONDS.default) * 1_000;
      const { workspace, signal } = call;
      const output = collectOutput(call.progress);
      const end = await run({ approvalId, command, cwd, workspace, timeoutMs, signal, onOutput: output.add });
      return toResult(output.text(), end, timeoutMs);
    },
  });

/** Returns the real path of a folder; undefined when there is none. */
async function findFolder(path: string): Promise<string | undefined> {
  try {
    const real = await realpath(path);
    return (await stat(real)).isDirectory() ? real : undefined;
  } catch {
    return undefined;
  }
}

const changedSince =
  'It did not run: since it was allowed, configuration was written that can change what it does. Call it again.';

const noUnsandboxed =
  'This agent has no access to the machine outside of its sandbox. Say so to the user, who can run it, or have an agent ' +
  'installed on the machine that is to be operated.';

function toResult(output: string, { exitCode, stoppedBy }: ProcessEnd, timeoutMs: number): ToolResult {
  const why = {
    cancel: 'It was stopped.',
    timeout: `It was stopped after ${timeoutMs / 1_000} seconds.`,
    output: 'It was stopped, since it put out too much.',
  };
  if (stoppedBy) return errorResult(`${output}\n[${why[stoppedBy]}]`.trimStart());
  if (exitCode === null) return errorResult(`${output}\n[It was killed.]`.trimStart());
  return { text: output || '[No output]', isError: exitCode !== 0, exitCode };
}
