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
    .refine((command) => command.trim() !== '', 'The command is empty.')
    .refine(isExact, 'The command has characters that a shell does not accept.')
    .describe('A command line for /bin/sh. It runs without a terminal and with empty standard input.'),
  cwd: z
    .string()
    .max(limits.detail)
    .refine(isExact, 'The path has invalid characters.')
    .optional()
    .describe('The folder to run in, relative to the workspace. Default: the workspace.'),
  timeout_seconds: z.int().min(1).max(TIMEOUT_SECONDS.max).optional().describe(`Default: ${TIMEOUT_SECONDS.default}.`),
  outside_sandbox: z
    .boolean()
    .optional()
    .describe(
      'Commands run in a sandbox: they can change only the workspace and a temporary folder, and have no root ' +
        'privileges. Set this for a command that needs the machine itself, such as sudo or systemctl. The user is ' +
        'asked every time.',
    ),
});

/** Creates the tool that runs a shell command, exactly as it was approved. */
export const runCommand = (runner: CommandRunner) =>
  defineTool({
    description:
      'Run a shell command on the machine. The user may have to approve it first, so say what you want to do and why ' +
      'before you call this. Returns the output and exit code when the command ends; it is stopped at its timeout.',
    input: RunCommand,
    title: ({ command }) => command,
    async run({ command, cwd: folder = '.', timeout_seconds, outside_sandbox = false }, call) {
      const path = resolve(call.workspace.root, folder);
      const real = await findFolder(path);
      if (!real && !outside_sandbox) return errorResult(`There is no folder ${path}.`);
      if (outside_sandbox && !runner.unsandboxed) return errorResult(NO_UNSANDBOXED);
      // The bridge may be in a sandbox and not see a folder outside of it. If that is a link, the server refuses it.
      const cwd = real ?? path;
      if (cwd.length > limits.detail) return errorResult('The path of the folder is too long.');
      // A command outside the sandbox may free space.
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
      if (!agentConfiguration && (await hasConfiguration())) return errorResult(CONFIGURATION_CHANGED);
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

const CONFIGURATION_CHANGED =
  'The command did not run: after it was allowed, configuration was written that can change what it does. Call this ' +
  'again.';

const NO_UNSANDBOXED =
  'This agent has no access to the machine outside its sandbox. Tell the user, who can run the command, or have an ' +
  'agent installed on the machine to operate.';

function toResult(output: string, { exitCode, stoppedBy }: ProcessEnd, timeoutMs: number): ToolResult {
  const reasons = {
    cancel: 'The command was stopped.',
    timeout: `The command was stopped after ${timeoutMs / 1_000} seconds.`,
    output: 'The command was stopped because it printed too much output.',
  };
  if (stoppedBy) return errorResult(`${output}\n[${reasons[stoppedBy]}]`.trimStart());
  if (exitCode === null) return errorResult(`${output}\n[The command was killed.]`.trimStart());
  return { text: output || '[No output]', isError: exitCode !== 0, exitCode };
}
