import { execFileSync, spawn } from 'node:child_process';
import {
  chmodSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { testWorkspace } from '../../testing/workspace.ts';
import { fileTools } from './file-tools.ts';
import { getFileVersion, openFolder, replaceFile, statFile } from './workspace-file.ts';
import { parsePath } from './workspace-path.ts';

const secret = 'SECRET-1234';

/** Creates a workspace, and a secret file outside it. */
function newWorkspace() {
  const world = testWorkspace();
  const outside = join(world.dir, 'outside');
  mkdirSync(outside);
  writeFileSync(join(outside, 'secret.txt'), secret);
  world.put('notes.txt', 'mine\n');
  return Object.assign(world, { outside, secretPath: join(outside, 'secret.txt') });
}

/** Returns a call of every file tool with a path. */
const callsFor = (path: string) =>
  [
    [fileTools.read_file, { path }],
    [fileTools.view_image, { path }],
    [fileTools.list_files, { path, depth: 5 }],
    [fileTools.write_file, { path, content: 'overwritten' }],
    [fileTools.edit_file, { path, old_text: 'S', new_text: 'T' }],
    [fileTools.edit_file, { path, start_line: 1, end_line: 1, new_text: 'T' }],
  ] as const;

test.each(['link.txt', 'folder/secret.txt', 'deep/a/secret.txt', 'chain', 'relative', 'proc', 'hard.txt'])(
  'no tool reads or writes outside the workspace through the link %s',
  async (path) => {
    using world = newWorkspace();
    const { outside, secretPath, workspace } = world;
    mkdirSync(world.path('deep'));
    symlinkSync(secretPath, world.path('link.txt'));
    symlinkSync(outside, world.path('folder'));
    symlinkSync(outside, world.path('deep/a'));
    symlinkSync('link.txt', world.path('chain'));
    symlinkSync('../../outside/secret.txt', world.path('relative'));
    symlinkSync(`/proc/self/cwd/${secretPath}`, world.path('proc'));
    linkSync(secretPath, world.path('hard.txt'));
    for (const [tool, input] of callsFor(path)) {
      const result = await world.run(tool, input);
      expect(result).toMatchObject({ isError: true });
      expect(JSON.stringify(result)).not.toContain(secret);
      expect(result.text).toMatch(/link|not a folder|no such/);
    }
    expect(readFileSync(secretPath, 'utf8')).toBe(secret);
    expect(readdirSync(outside)).toEqual(['secret.txt']);
    expect(readdirSync(workspace.root).filter((name) => name.endsWith('.part'))).toEqual([]);
  },
);

test('no tool creates a file through a link to a missing path', async () => {
  using world = newWorkspace();
  symlinkSync(join(world.outside, 'new.txt'), world.path('link.txt'));
  symlinkSync(join(world.outside, 'new'), world.path('folder'));
  for (const path of ['link.txt', 'folder/a.txt'])
    expect((await world.run(fileTools.write_file, { path, content: 'x' })).isError).toBe(true);
  expect(readdirSync(world.outside)).toEqual(['secret.txt']);
});

test('file tools refuse a pipe without a writer, a socket and a folder without blocking', async () => {
  using world = newWorkspace();
  execFileSync('mkfifo', [world.path('pipe')]);
  mkdirSync(world.path('folder'));
  const server = createServer().listen(world.path('socket'));
  await new Promise((resolve) => server.once('listening', resolve));
  try {
    for (const path of ['pipe', 'socket', 'folder', 'folder/', '.'])
      for (const [tool, input] of callsFor(path).filter(([tool]) => tool !== fileTools.list_files))
        expect((await world.run(tool, input)).text).toMatch(/is not a regular file|is a folder/);
  } finally {
    server.close();
  }
});

test('file tools refuse to read or edit a sparse file of a terabyte', async () => {
  using world = newWorkspace();
  world.put('huge.log', 'first\n');
  truncateSync(world.path('huge.log'), 1024 ** 4);
  const texts = [];
  for (const [tool, input] of callsFor('huge.log').filter(([tool]) => tool !== fileTools.write_file))
    texts.push((await world.run(tool, input)).text);
  expect(texts).toEqual([
    expect.stringMatching(/not UTF-8 text/),
    expect.stringMatching(/larger/),
    expect.stringMatching(/not a folder/),
    expect.stringMatching(/larger/),
    expect.stringMatching(/larger/),
  ]);
});

test('requireInPlace throws for a folder that was moved while open', async () => {
  using world = newWorkspace();
  mkdirSync(world.path('a'));
  await using folder = await openFolder({ base: world.workspace.root, names: ['a'] });
  renameSync(world.path('a'), join(world.outside, 'a'));
  await expect(folder.requireInPlace()).rejects.toThrow(/moved/);
});

test('replaceFile keeps the permissions of a file, but not setuid and setgid', async () => {
  using world = newWorkspace();
  for (const [mode, after] of [
    [0o755, 0o755],
    [0o4755, 0o755],
    [0o2777, 0o777],
    [0o600, 0o600],
  ] as const) {
    chmodSync(world.path('notes.txt'), mode);
    await replaceFile(parsePath(world.workspace, 'notes.txt'), Buffer.from('new'));
    expect(statSync(world.path('notes.txt')).mode & 0o7777).toBe(after);
  }
});

test('replaceFile refuses a file whose version has changed', async () => {
  using world = newWorkspace();
  const target = parsePath(world.workspace, 'notes.txt');
  const version = getFileVersion((await statFile(target))!);
  await replaceFile(target, Buffer.from('one'), version);
  await expect(replaceFile(target, Buffer.from('two'), version)).rejects.toThrow(/changed in the meantime/);
  expect(world.read('notes.txt')).toBe('one');
});

test('file tools do not reach outside the workspace while a command swaps folders and files for links', async () => {
  using world = newWorkspace();
  using swapping = swapForLinks(world.workspace.root, world.outside);
  await swapping.started;
  let [wrote, refused] = [0, 0];
  for (let round = 0; round < 2_000 || wrote === 0 || refused === 0; round++) {
    const path = round % 2 === 0 ? 'folder/secret.txt' : 'file.txt';
    const result = await world.run(fileTools.write_file, { path, content: `round ${round}` });
    result.isError ? refused++ : wrote++;
    const read = await world.run(fileTools.read_file, { path });
    expect(read.text).not.toContain(secret);
    if (round % 100 === 0) expect(readdirSync(world.outside)).toEqual(['secret.txt']);
    if (round > 100_000) throw new Error(`The swaps were never met: ${wrote} written, ${refused} refused.`);
  }
  expect(readFileSync(world.secretPath, 'utf8')).toBe(secret);
  expect(readdirSync(world.outside)).toEqual(['secret.txt']);
});

/** Starts a process that swaps a folder and a file for links to `outside`, until disposed. */
function swapForLinks(root: string, outside: string) {
  const program = `
    const { mkdirSync, renameSync, symlinkSync, rmSync, writeFileSync } = require('node:fs');
    const quietly = (run) => { try { run() } catch {} };
    for (let turn = 0; ; turn++) {
      quietly(() => { mkdirSync('folder', { recursive: true }); writeFileSync('file.txt', 'x'); });
      quietly(() => renameSync('folder', 'real-' + turn));
      quietly(() => symlinkSync(${JSON.stringify(outside)}, 'folder'));
      quietly(() => rmSync('file.txt'));
      quietly(() => symlinkSync(${JSON.stringify(join(outside, 'secret.txt'))}, 'file.txt'));
      if (turn === 0) process.stdout.write('started');
      quietly(() => rmSync('folder'));
      quietly(() => rmSync('file.txt'));
      quietly(() => renameSync('real-' + turn, 'folder'));
    }`;
  const child = spawn(process.execPath, ['-e', program], { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
  return {
    started: new Promise((resolve) => child.stdout.once('data', resolve)),
    [Symbol.dispose]: () => void child.kill('SIGKILL'),
  };
}
