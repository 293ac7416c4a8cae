import type { CommandRunner } from './command-runner.ts';
import { fileTools } from './files/file-tools.ts';
import { runCommand } from './run-command.ts';
import type { Tool } from './tool.ts';

/** Creates the tools that the bridge offers to its agent, by name. */
export const createTools = (runner: CommandRunner): Record<string, Tool> => ({
  run_command: runCommand(runner),
  ...fileTools,
});
