import { expect, test } from 'vitest';
import { testWorkspace } from '../testing/workspace.ts';
import type { Command, CommandRunner } from './command-runner.ts';
import { runCommand } from './run-command.ts';

/** A runner that says what it was given. */
function newRunner(hasUnsandboxed = false) {
  const ran: Command[] = [];
  const run = async (command: Command) => {
    ran.push(command);
    return { exitCode: 0, stoppedBy: null };
  };
  const runner: CommandRunner = { sandboxed: run, unsandboxed: hasUnsandboxed ? run : null };
  return { ran, tool: runCommand(runner) };
}

test('run_command runs the very text that was allowed, in the folder that was shown', async () => {
  using stage = testWorkspace({ decide: () => 'ALLOWED' });
  const { ran, tool } = newRunner();
  stage.put('sub/a.txt');
  const command = ' printf "%s"  \u202e\t中 # ‮\n';
  expect(await stage.run(tool, { command, cwd: 'sub' })).toMatchObject({ exitCode: 0 });
  expect(stage.asked).toMatchObject([{ kind: 'exec', command, cwd: stage.path('sub') }]);
  expect(ran).toMatchObject([{ command, cwd: stage.path('sub') }]);
});

test.for(['DENIED', 'EXPIRED', 'CANCELLED'] as const)('run_command runs nothing when it is %s', async (status) => {
  using stage = testWorkspace({ decide: () => status });
  const { ran, tool } = newRunner();
  expect(await stage.run(tool, { command: 'true' })).toMatchObject({ isError: true });
  expect(ran).toEqual([]);
});

test('run_command refuses what no shell is given as it was shown, before anybody is asked', async () => {
  using stage = testWorkspace();
  const { tool } = newRunner();
  for (const input of [{ command: 'a\0b' }, { command: '\ud800' }, { command: ' ' }, { command: 'a', env: {} }])
    expect(() => tool.input.parse(input)).toThrow();
  expect(await stage.run(tool, { command: 'true', cwd: 'nowhere' })).toMatchObject({ isError: true });
  expect(await stage.run(tool, { command: 'true', outside_sandbox: true })).toMatchObject({ isError: true });
  expect(stage.asked).toEqual([]);
});

test('run_command does not run when configuration came after it was asked about', async () => {
  using stage = testWorkspace({
    decide() {
      stage.put('Makefile', 'all:\n\ttouch x\n');
      return 'ALLOWED';
    },
  });
  const { ran, tool } = newRunner();
  expect(await stage.run(tool, { command: 'make' })).toMatchObject({ isError: true });
  expect(ran).toEqual([]);
  // Asked about anew, it is shown.
  expect(await stage.run(tool, { command: 'make' })).toMatchObject({ exitCode: 0 });
  expect(stage.asked.at(-1)).toMatchObject({ agentConfiguration: true });
});

test('a command outside of the sandbox is asked about as one', async () => {
  using stage = testWorkspace({ decide: () => 'ALLOWED' });
  const { ran, tool } = newRunner(true);
  await stage.run(tool, { command: 'systemctl status nginx', cwd: '/', outside_sandbox: true });
  expect(stage.asked).toMatchObject([{ kind: 'exec-unsandboxed', cwd: '/' }]);
  expect(ran).toHaveLength(1);
});
