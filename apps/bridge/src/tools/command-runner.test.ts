import { symlinkSync } from 'node:fs';
import { createNoSandbox, findSandbox } from '@it0/node/sandbox/find-sandbox';
import type { Sandbox } from '@it0/node/sandbox/sandbox';
import { afterAll, expect, test } from 'vitest';
import { temporaryFolder } from '../testing/folder.ts';
import { openTestWorkspace } from '../testing/workspace.ts';
import { createCommandRunner } from './command-runner.ts';
import type { Workspace } from './workspace.ts';

const folder = temporaryFolder();
afterAll(() => folder[Symbol.dispose]());
const sandbox = await findSandbox({ probe: `${folder.path}/sandbox` });

async function run(sandbox: Sandbox, command: string, findCwd = ({ root }: Workspace) => root) {
  const { method, account } = sandbox;
  const workspace = openTestWorkspace(folder.path, { userId: method, account });
  const environment = { PATH: process.env.PATH! };
  const { sandboxed } = createCommandRunner({ dir: folder.path, sandbox, unsandboxed: null, environment });
  let output = '';
  const { signal } = new AbortController();
  const onOutput = (text: string) => (output += text);
  const cwd = findCwd(workspace);
  await sandboxed({ approvalId: '', command, cwd, workspace, timeoutMs: 60_000, signal, onOutput });
  return output;
}

test.skipIf(sandbox.method === 'none')(
  'HOME of a sandboxed command is empty after an earlier command wrote to it',
  async () => {
    expect(await run(sandbox, 'touch "$HOME/left" && ls "$HOME"')).toContain('left');
    expect(await run(sandbox, 'ls "$HOME"')).not.toContain('left');
  },
);

test.skipIf(sandbox.method === 'none')('a sandboxed command runs in a folder, and not in a link to one', async () => {
  const linkEtc = ({ root }: Workspace) => {
    symlinkSync('/etc', `${root}/link`);
    return `${root}/link`;
  };
  expect(await run(sandbox, 'pwd', linkEtc)).toMatch(/did not run: .*link.* leads to \/etc/);
  expect(await run(sandbox, 'pwd', () => '/etc')).toBe('/etc\n');
});

test('HOME of a command without a sandbox is not writable for other accounts', async () => {
  const writable = 'find -L "$HOME" -maxdepth 0 -perm -o+w';
  expect(await run(createNoSandbox('the test wants none'), `HOME=/tmp; ${writable}`)).toBe('/tmp\n');
  expect(await run(createNoSandbox('the test wants none'), writable)).toBe('');
});

test('a running command is stopped when the free space falls below the limit', async () => {
  const workspace = openTestWorkspace(folder.path, { userId: 'full', account: sandbox.account });
  let isFull = false;
  const requireSpace = async () => {
    if (isFull) throw new Error('The disk is almost full.');
  };
  const environment = { PATH: process.env.PATH! };
  const { sandboxed } = createCommandRunner({ dir: folder.path, sandbox, unsandboxed: null, environment });
  const { signal } = new AbortController();
  const onOutput = () => {
    isFull = true;
  };
  const running = sandboxed({
    ...{ approvalId: '', command: 'echo started; sleep 3600', cwd: workspace.root, timeoutMs: 600_000 },
    ...{ signal, onOutput, workspace: { ...workspace, requireSpace } },
  });
  await expect(running).rejects.toThrow('The command was stopped. The disk is almost full.');
});
