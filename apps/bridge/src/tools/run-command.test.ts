import { existsSync, mkdirSync, readdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createNoSandbox } from '@it0/node/sandbox/find-sandbox';
import { expect, test } from 'vitest';
import { testWorkspace } from '../testing/workspace.ts';
import { type Command, type CommandRunner, createCommandRunner, runUnsandboxed } from './command-runner.ts';
import { writeFile } from './files/write-file.ts';
import { runCommand } from './run-command.ts';

/** Creates a runner that records its commands. */
function newRunner(hasUnsandboxed = false) {
  const commands: Command[] = [];
  const run = async (command: Command) => {
    commands.push(command);
    return { exitCode: 0, stoppedBy: null };
  };
  const runner: CommandRunner = { isIsolated: true, sandboxed: run, unsandboxed: hasUnsandboxed ? run : null };
  return { commands, runner, tool: runCommand(runner) };
}

test('run_command runs exactly the allowed text, in the folder of the approval', async () => {
  using world = testWorkspace({ decide: () => 'ALLOWED' });
  const { commands, tool } = newRunner();
  world.put('sub/a.txt');
  const command = ' printf "%s"  \u202e\t中 # ‮\n';
  expect(await world.run(tool, { command, cwd: 'sub' })).toMatchObject({ exitCode: 0 });
  expect(world.requests).toMatchObject([{ kind: 'exec', command, cwd: world.path('sub') }]);
  expect(commands).toMatchObject([{ command, cwd: world.path('sub') }]);
});

test('run_command requests approval of the real folder when the path leads through links', async () => {
  using world = testWorkspace({ decide: () => 'ALLOWED' });
  const { commands, tool } = newRunner(true);
  world.put('real/sub/a.txt');
  symlinkSync('real', world.path('link'));
  for (const outside_sandbox of [false, true]) {
    await world.run(tool, { command: 'ls', cwd: 'link/sub', outside_sandbox });
    expect(world.requests.at(-1)).toMatchObject({ cwd: world.path('real/sub') });
    expect(commands.at(-1)).toMatchObject({ cwd: world.path('real/sub') });
  }
});

test.for(['sandboxed', 'unsandboxed'] as const)(
  'run_command %s does not follow a link that replaced the folder after the approval was requested',
  async (way) => {
    using world = testWorkspace({
      decide() {
        renameSync(world.path('folder'), world.path('moved'));
        symlinkSync('other', world.path('folder'));
        return 'ALLOWED';
      },
    });
    const environment = { PATH: process.env.PATH! };
    const unsandboxed = runUnsandboxed(environment);
    const sandbox = createNoSandbox('the test wants none');
    const tool = runCommand(createCommandRunner({ dir: world.dir, sandbox, environment, unsandboxed }));
    for (const name of ['folder', 'other']) world.put(`${name}/a.txt`);
    const input = { command: 'touch ran', cwd: 'folder', outside_sandbox: way === 'unsandboxed' };
    const result = await world.run(tool, input);
    expect(result).toMatchObject({ isError: true, text: expect.stringContaining(world.path('other')) });
    expect(existsSync(world.path('other/ran'))).toBe(false);
  },
);

test('run_command outside the sandbox counts configuration that was written in the task of another user', async () => {
  using world = testWorkspace();
  const { tool } = newRunner(true);
  const theirs = join(world.dir, 'workspaces/other');
  mkdirSync(theirs);
  writeFileSync(join(theirs, 'Makefile'), '');
  for (const cwd of [theirs, world.workspace.root])
    await world.run(tool, { command: `make -C ${theirs}`, cwd, outside_sandbox: true });
  expect(world.requests).toMatchObject([{ agentConfiguration: true }, { agentConfiguration: true }]);
});

test.for(['DENIED', 'EXPIRED', 'CANCELLED'] as const)(
  'run_command runs nothing when the approval is %s',
  async (status) => {
    using world = testWorkspace({ decide: () => status });
    const { commands, tool } = newRunner();
    expect(await world.run(tool, { command: 'true' })).toMatchObject({ isError: true });
    expect(commands).toEqual([]);
  },
);

test('run_command refuses invalid input without requesting an approval', async () => {
  using world = testWorkspace();
  const { tool } = newRunner();
  for (const input of [{ command: 'a\0b' }, { command: '\ud800' }, { command: ' ' }, { command: 'a', env: {} }])
    expect(() => tool.input.parse(input)).toThrow();
  expect(await world.run(tool, { command: 'true', cwd: 'nowhere' })).toMatchObject({ isError: true });
  expect(await world.run(tool, { command: 'true', outside_sandbox: true })).toMatchObject({ isError: true });
  expect(world.requests).toEqual([]);
});

test('run_command does not run when configuration was written after the approval was requested', async () => {
  using world = testWorkspace({
    decide() {
      world.put('Makefile', 'all:\n\ttouch x\n');
      return 'ALLOWED';
    },
  });
  const { commands, tool } = newRunner();
  expect(await world.run(tool, { command: 'make' })).toMatchObject({ isError: true });
  expect(commands).toEqual([]);
  // A new request shows the configuration.
  expect(await world.run(tool, { command: 'make' })).toMatchObject({ exitCode: 0 });
  expect(world.requests.at(-1)).toMatchObject({ agentConfiguration: true });
});

test.for([
  [runCommand(newRunner().runner), { command: 'true' }],
  [writeFile, { path: 'a', content: 'b' }],
] as const)('tool %# refuses to write when the free space is below the limit', async ([tool, input]) => {
  using world = testWorkspace({ decide: () => 'ALLOWED', diskFloorMb: Number.MAX_SAFE_INTEGER });
  const refusal = await world.run(tool, input).catch((error: Error) => error.message);
  expect(refusal).toMatch(/^The disk is almost full: \d+ MB are free/);
  expect(world.requests).toEqual([]);
  expect(readdirSync(world.workspace.root)).toEqual([]);
});

test('run_command runs outside the sandbox when the disk is almost full, since that may free space', async () => {
  using world = testWorkspace({ decide: () => 'ALLOWED', diskFloorMb: Number.MAX_SAFE_INTEGER });
  const { commands, tool } = newRunner(true);
  await world.run(tool, { command: 'rm -r /var/cache/x', outside_sandbox: true });
  expect(commands).toHaveLength(1);
});

test('run_command requests approval of the kind exec-unsandboxed for a command outside the sandbox', async () => {
  using world = testWorkspace({ decide: () => 'ALLOWED' });
  const { commands, tool } = newRunner(true);
  await world.run(tool, { command: 'systemctl status nginx', cwd: '/', outside_sandbox: true });
  expect(world.requests).toMatchObject([{ kind: 'exec-unsandboxed', cwd: '/' }]);
  expect(commands).toHaveLength(1);
});
