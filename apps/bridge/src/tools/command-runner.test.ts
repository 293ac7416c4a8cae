import { symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createNoSandbox, findSandbox } from '@it0/node/sandbox/find-sandbox';
import type { Sandbox } from '@it0/node/sandbox/sandbox';
import { afterAll, expect, test } from 'vitest';
import { temporaryFolder } from '../testing/folder.ts';
import { openTestWorkspace } from '../testing/workspace.ts';
import { createCommandRunner } from './command-runner.ts';
import type { Workspace, WorkspaceOptions } from './workspace.ts';

const folder = temporaryFolder();
afterAll(() => folder[Symbol.dispose]());
const sandbox = await findSandbox({ probe: `${folder.path}/sandbox` });

type Options = Partial<WorkspaceOptions> & { findCwd?: (workspace: Workspace) => string };

async function run(sandbox: Sandbox, command: string, { findCwd = ({ root }) => root, ...options }: Options = {}) {
  const { method, account } = sandbox;
  const workspace = openTestWorkspace(folder.path, { userId: method, account, ...options });
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
  expect(await run(sandbox, 'pwd', { findCwd: linkEtc })).toMatch(/did not run: .*link.* leads to \/etc/);
  expect(await run(sandbox, 'pwd', { findCwd: () => '/etc' })).toBe('/etc\n');
});

test.skipIf(sandbox.method === 'none')(
  'a sandboxed command sees the workspace of its user and the shared folder, which it writes only if it may',
  async () => {
    writeFileSync(join(folder.path, 'secret'), '');
    const { shared } = openTestWorkspace(folder.path, { userId: 'other', account: sandbox.account });
    const command = `touch own && echo ${folder.path}/* ../*; touch ${shared}/file 2>/dev/null && echo written`;
    const listed = `${folder.path}/shared ${folder.path}/workspaces ../one\n`;
    expect(await run(sandbox, command, { userId: 'one' })).toBe(listed);
    expect(await run(sandbox, command, { userId: 'one', isSharedWritable: true })).toBe(`${listed}written\n`);
  },
);

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
