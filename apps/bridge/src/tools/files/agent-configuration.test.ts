import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { testWorkspace } from '../../testing/workspace.ts';
import { hasAgentConfiguration } from './agent-configuration.ts';
import { readCommandFiles } from './command-paths.ts';

const isConfigured = (folders: string[], cwd: string, command = '') =>
  hasAgentConfiguration(folders, cwd, readCommandFiles(command));

test.each([
  ['Makefile', '.'],
  ['Makefile', 'a/b'],
  ['a/b/c/.git/config', 'a'],
  ['a/HEAD', 'a'],
  ['a/package.json', 'a/b'],
  ['a/b/conftest.py', '.'],
])('hasAgentConfiguration returns true when %s exists and the command runs in %s', async (file, cwd) => {
  using world = testWorkspace();
  mkdirSync(world.path(cwd), { recursive: true });
  world.put('notes.txt');
  expect(await isConfigured(world.workspace.taskFolders, world.path(cwd), 'git status')).toBe(false);
  world.put(file);
  expect(await isConfigured(world.workspace.taskFolders, world.path(cwd), 'git status')).toBe(true);
});

test.each([
  ['make -C ../project', true],
  ['make -C../project/', true],
  ['cd ../project && make', true],
  ["make -C ../'pro'ject", true],
  ['make --directory=../project', true],
  ['cat ../project/notes.txt', true],
  ['ls ../proj*/x', true],
  ['make -C $DIR', true],
  ['cd ..; make', true],
  ['cat notes.txt', false],
  ['df -h', false],
  ['df -h /etc', false],
  ['curl https://example.com/project', false],
])('hasAgentConfiguration also searches the paths that %j names: %j', async (command, expected) => {
  using world = testWorkspace();
  world.put('project/Makefile');
  world.put('project/notes.txt');
  world.put('other/notes.txt');
  expect(await isConfigured(world.workspace.taskFolders, world.path('other'), command)).toBe(expected);
});

test('hasAgentConfiguration returns true for a command elsewhere that names the workspace', async () => {
  using world = testWorkspace();
  world.put('Makefile');
  symlinkSync(world.workspace.root, join(world.dir, 'link'));
  const { root } = world.workspace;
  for (const command of [
    `make -C ${root}`,
    `make -C"${root}"`,
    'make -C workspaces/user',
    'make -C link',
    'cd workspaces',
  ])
    expect(await isConfigured(world.workspace.taskFolders, world.dir, command)).toBe(true);
  for (const command of ['df -h', 'systemctl status nginx', 'ls *.log', 'cat /etc/hosts'])
    expect(await isConfigured(world.workspace.taskFolders, '/etc', command)).toBe(false);
  expect(await isConfigured(world.workspace.taskFolders, '/etc', 'make -C $DIR')).toBe(true);
  expect(await isConfigured(world.workspace.taskFolders, world.dir)).toBe(true);
});

test('hasAgentConfiguration returns true for a command that runs a program from the workspace', async () => {
  using world = testWorkspace();
  world.put('notes.txt', 'id');
  world.put('data/a.csv');
  writeFileSync(world.path('tool'), '#!/bin/sh', { mode: 0o755 });
  const manyWords = Array.from({ length: 2_000 }, (_, index) => index).join(' ');
  const has = (command: string) => isConfigured(world.workspace.taskFolders, world.workspace.root, command);
  expect(await has('python3 -m json')).toBe(false);
  world.put('run.py', 'print(1)');
  for (const command of [
    './tool',
    'nice ./tool',
    'python3 run.py',
    'sh notes.txt',
    '. ./notes.txt',
    'make -f notes.txt',
    'psql -f notes.txt',
    'make -fnotes.txt',
    'sed -nfnotes.txt x',
    `sh notes.txt ${manyWords}`,
    `sh ${manyWords} notes.txt`,
  ])
    expect([command, await has(command)]).toEqual([command, true]);
  // The module `json` could be a file of the agent's.
  for (const command of ['python3 -m json', '/usr/bin/python3.12 -c 1', 'flask run'])
    expect([command, await has(command)]).toEqual([command, true]);
  for (const command of ['cat notes.txt', 'grep -r x .', 'wc -l data/a.csv'])
    expect([command, await has(command)]).toEqual([command, false]);
});

test('hasAgentConfiguration searches the shared folder, also when it is read-only now', async () => {
  using world = testWorkspace();
  const { taskFolders, shared, root } = world.workspace;
  symlinkSync(shared, world.path('shared'));
  for (const cwd of [shared, root]) expect(await isConfigured(taskFolders, cwd, 'df -h')).toBe(false);
  writeFileSync(join(shared, 'Makefile'), '');
  for (const cwd of [shared, root]) expect(await isConfigured(taskFolders, cwd, 'df -h')).toBe(true);
});

test.each([
  ['@', 'df -h'],
  ['@/other', 'df -h'],
  ['/', 'make -C @'],
  ['/', 'npm --prefix @ test'],
  ['/', 'npm --prefix=@ test'],
  ['/', 'git -C @ status'],
  ['/', 'cd @ && make'],
  ['/', 'cd @/deep && make -C ../other'],
  ['/', 'cd @/deep; cd ../other; ls'],
  ['/', 'env -C @/deep make -C ../other'],
  ['/', 'cd @/deep && ./notes.txt'],
  ['/', 'make -C @/link/../other'],
  ['/', 'make -C @/deep/../other'],
  ['/', 'sh -c "cd \'@/other\' && make"'],
  ['/', 'make -C "@/a b"'],
  ['/', 'make -C @/a\\ b'],
  ['/', 'make -C @/p,q'],
  ['/', 'make -C @/x=y@z'],
  ['/', 'sh < "@/a b/run"'],
  ['@/deep', 'make -C ../other'],
  ['@/deep', 'make -C../other'],
  ['@/deep', 'make -C .?'],
  ['@/deep', 'make -Cdeeper/../../other'],
  ['@/deep', 'make -C ../{p,other}'],
  ['@/deep', 'cd && make'],
  ['@/deep', 'make --directory ../link/../other'],
  ['engine', 'df -h'],
  ['shared', 'df -h'],
])(
  'hasAgentConfiguration of all folders in %s finds what %j uses in a workspace of another user',
  async (cwd, command) => {
    using world = testWorkspace();
    const { root, shared, agentFolders, taskFolders } = world.workspace;
    const theirs = join(world.dir, 'workspaces/other');
    const absolute = (text: string) => text.replaceAll(/@(?=[/ ]|$)/g, theirs);
    for (const name of ['deep/deeper', 'other', 'a b', 'p,q', 'x=y@z', 'elsewhere/below'])
      mkdirSync(join(theirs, name), { recursive: true });
    mkdirSync(join(world.dir, 'engine'));
    symlinkSync('elsewhere/below', join(theirs, 'link'));
    const folder = cwd === '/' ? cwd : resolve(world.dir, absolute(cwd));
    expect(await isConfigured(agentFolders, folder, absolute(command))).toBe(false);
    for (const at of [
      join(world.dir, 'engine'),
      shared,
      ...['other', 'a b', 'p,q', 'x=y@z', 'elsewhere/other'].map((name) => join(theirs, name)),
    ]) {
      mkdirSync(at, { recursive: true });
      writeFileSync(join(at, 'Makefile'), '');
    }
    for (const name of ['deep/notes.txt', 'a b/run']) writeFileSync(join(theirs, name), '', { mode: 0o755 });
    expect(await isConfigured(agentFolders, folder, absolute(command))).toBe(true);
    expect(await isConfigured(agentFolders, root, 'df -h')).toBe(false);
    expect(await isConfigured(taskFolders, root, absolute('make -C @'))).toBe(false);
  },
);

test('hasAgentConfiguration returns true for a folder or link that it cannot read', async () => {
  using world = testWorkspace();
  mkdirSync(world.path('a'));
  symlinkSync(world.path('a'), world.path('link'));
  expect(await isConfigured(world.workspace.taskFolders, world.workspace.root)).toBe(false);
  rmSync(world.path('a'), { recursive: true });
  expect(await isConfigured(world.workspace.taskFolders, world.workspace.root)).toBe(true);
  expect(await isConfigured(world.workspace.taskFolders, world.path('a'))).toBe(true);
});

test('hasAgentConfiguration returns true after 20,000 entries, and ends on a circular link', async () => {
  using world = testWorkspace();
  mkdirSync(world.path('a'));
  symlinkSync('..', world.path('a/up'));
  for (let index = 0; index < 19_900; index++) writeFileSync(world.path(`a/${index}`), '');
  expect(await isConfigured(world.workspace.taskFolders, world.workspace.root)).toBe(false);
  for (let index = 0; index < 200; index++) writeFileSync(world.path(`${index}`), '');
  expect(await isConfigured(world.workspace.taskFolders, world.workspace.root)).toBe(true);
});
