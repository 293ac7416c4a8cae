import { existsSync, mkdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createNoSandbox } from '@it0/node/sandbox/find-sandbox';
import { expect, test } from 'vitest';
import { testWorkspace } from '../testing/workspace.ts';
import { type Command, type CommandRunner, createCommandRunner, runUnsandboxed } from './command-runner.ts';
import { runCommand } from './run-command.ts';

/** Creates a runner that records its commands. */
function newRunner(hasUnsandboxed = false) {
  const commands: Command[] = [];
  const run = async (command: Command) => {
    commands.push(command);
    return { exitCode: 0, stoppedBy: null };
  };
  const runner: CommandRunner = { isIsolated: true, sandboxed: run, unsandboxed: hasUnsandboxed ? run : null };
  return { commands, tool: runCommand(runner) };
}

test('run_command runs exactly the allowed text, in the folder that was shown', async () => {
  using stage = testWorkspace({ decide: () => 'ALLOWED' });
  const { commands, tool } = newRunner();
  stage.put('sub/a.txt');
  const command = ' printf "%s"  \u202e\t中 # ‮\n';
  expect(await stage.run(tool, { command, cwd: 'sub' })).toMatchObject({ exitCode: 0 });
  expect(stage.requests).toMatchObject([{ kind: 'exec', command, cwd: stage.path('sub') }]);
  expect(commands).toMatchObject([{ command, cwd: stage.path('sub') }]);
});

test('run_command requests approval of the real folder when the path leads through links', async () => {
  using stage = testWorkspace({ decide: () => 'ALLOWED' });
  const { commands, tool } = newRunner(true);
  stage.put('real/sub/a.txt');
  symlinkSync('real', stage.path('link'));
  for (const outside_sandbox of [false, true]) {
    await stage.run(tool, { command: 'ls', cwd: 'link/sub', outside_sandbox });
    expect(stage.requests.at(-1)).toMatchObject({ cwd: stage.path('real/sub') });
    expect(commands.at(-1)).toMatchObject({ cwd: stage.path('real/sub') });
  }
});

test.for(['sandboxed', 'unsandboxed'] as const)(
  'run_command %s does not follow a link that replaced the folder after the approval was requested',
  async (way) => {
    using stage = testWorkspace({
      decide() {
        renameSync(stage.path('folder'), stage.path('moved'));
        symlinkSync('other', stage.path('folder'));
        return 'ALLOWED';
      },
    });
    const environment = { PATH: process.env.PATH! };
    const unsandboxed = runUnsandboxed(environment);
    const sandbox = createNoSandbox('the test wants none');
    const tool = runCommand(createCommandRunner({ dir: stage.dir, sandbox, environment, unsandboxed }));
    for (const name of ['folder', 'other']) stage.put(`${name}/a.txt`);
    const input = { command: 'touch ran', cwd: 'folder', outside_sandbox: way === 'unsandboxed' };
    const result = await stage.run(tool, input);
    expect(result).toMatchObject({ isError: true, text: expect.stringContaining(stage.path('other')) });
    expect(existsSync(stage.path('other/ran'))).toBe(false);
  },
);

test('run_command outside the sandbox counts configuration that was written in the task of another user', async () => {
  using stage = testWorkspace();
  const { tool } = newRunner(true);
  const theirs = join(stage.dir, 'workspaces/other');
  mkdirSync(theirs);
  writeFileSync(join(theirs, 'Makefile'), '');
  for (const cwd of [theirs, stage.workspace.root])
    await stage.run(tool, { command: `make -C ${theirs}`, cwd, outside_sandbox: true });
  expect(stage.requests).toMatchObject([{ agentConfiguration: true }, { agentConfiguration: true }]);
});

test.for(['DENIED', 'EXPIRED', 'CANCELLED'] as const)(
  'run_command runs nothing when the approval is %s',
  async (status) => {
    using stage = testWorkspace({ decide: () => status });
    const { commands, tool } = newRunner();
    expect(await stage.run(tool, { command: 'true' })).toMatchObject({ isError: true });
    expect(commands).toEqual([]);
  },
);

test('run_command refuses invalid input without requesting an approval', async () => {
  using stage = testWorkspace();
  const { tool } = newRunner();
  for (const input of [{ command: 'a\0b' }, { command: '\ud800' }, { command: ' ' }, { command: 'a', env: {} }])
    expect(() => tool.input.parse(input)).toThrow();
  expect(await stage.run(tool, { command: 'true', cwd: 'nowhere' })).toMatchObject({ isError: true });
  expect(await stage.run(tool, { command: 'true', outside_sandbox: true })).toMatchObject({ isError: true });
  expect(stage.requests).toEqual([]);
});

test('run_command does not run when configuration was written after the approval was requested', async () => {
  using stage = testWorkspace({
    decide() {
      stage.put('Makefile', 'all:\n\ttouch x\n');
      return 'ALLOWED';
    },
  });
  const { commands, tool } = newRunner();
  expect(await stage.run(tool, { command: 'make' })).toMatchObject({ isError: true });
  expect(commands).toEqual([]);
  // A new request shows the configuration.
  expect(await stage.run(tool, { command: 'make' })).toMatchObject({ exitCode: 0 });
  expect(stage.requests.at(-1)).toMatchObject({ agentConfiguration: true });
});

test('run_command requests approval of the kind exec-unsandboxed for a command outside the sandbox', async () => {
  using stage = testWorkspace({ decide: () => 'ALLOWED' });
  const { commands, tool } = newRunner(true);
  await stage.run(tool, { command: 'systemctl status nginx', cwd: '/', outside_sandbox: true });
  expect(stage.requests).toMatchObject([{ kind: 'exec-unsandboxed', cwd: '/' }]);
  expect(commands).toHaveLength(1);
});
