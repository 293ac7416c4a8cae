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
  const scene = testWorkspace();
  const outside = join(scene.dir, 'outside');
  mkdirSync(outside);
  writeFileSync(join(outside, 'secret.txt'), secret);
  scene.put('notes.txt', 'mine\n');
  return Object.assign(scene, { outside, secretPath: join(outside, 'secret.txt') });
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
    using scene = newWorkspace();
    const { outside, secretPath, workspace } = scene;
    mkdirSync(scene.path('deep'));
    symlinkSync(secretPath, scene.path('link.txt'));
    symlinkSync(outside, scene.path('folder'));
    symlinkSync(outside, scene.path('deep/a'));
    symlinkSync('link.txt', scene.path('chain'));
    symlinkSync('../../outside/secret.txt', scene.path('relative'));
    symlinkSync(`/proc/self/cwd/${secretPath}`, scene.path('proc'));
    linkSync(secretPath, scene.path('hard.txt'));
    for (const [tool, input] of callsFor(path)) {
      const result = await scene.run(tool, input);
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
  using scene = newWorkspace();
  symlinkSync(join(scene.outside, 'new.txt'), scene.path('link.txt'));
  symlinkSync(join(scene.outside, 'new'), scene.path('folder'));
  for (const path of ['link.txt', 'folder/a.txt'])
    expect((await scene.run(fileTools.write_file, { path, content: 'x' })).isError).toBe(true);
  expect(readdirSync(scene.outside)).toEqual(['secret.txt']);
});

test('file tools refuse a pipe without a writer, a socket and a folder without blocking', async () => {
  using scene = newWorkspace();
  execFileSync('mkfifo', [scene.path('pipe')]);
  mkdirSync(scene.path('folder'));
  const server = createServer().listen(scene.path('socket'));
  await new Promise((resolve) => server.once('listening', resolve));
  try {
    for (const path of ['pipe', 'socket', 'folder', 'folder/', '.'])
      for (const [tool, input] of callsFor(path).filter(([tool]) => tool !== fileTools.list_files))
        expect((await scene.run(tool, input)).text).toMatch(/is not a regular file|is a folder/);
  } finally {
    server.close();
  }
});

test('file tools refuse to read or edit a sparse file of a terabyte', async () => {
  using scene = newWorkspace();
  scene.put('huge.log', 'first\n');
  truncateSync(scene.path('huge.log'), 1024 ** 4);
  const texts = [];
  for (const [tool, input] of callsFor('huge.log').filter(([tool]) => tool !== fileTools.write_file))
    texts.push((await scene.run(tool, input)).text);
  expect(texts).toEqual([
    expect.stringMatching(/not text/),
    expect.stringMatching(/larger/),
    expect.stringMatching(/not a folder/),
    expect.stringMatching(/larger/),
    expect.stringMatching(/larger/),
  ]);
});

test('requireInPlace throws for a folder that was moved while open', async () => {
  using scene = newWorkspace();
  mkdirSync(scene.path('a'));
  await using folder = await openFolder({ base: scene.workspace.root, names: ['a'] });
  renameSync(scene.path('a'), join(scene.outside, 'a'));
  await expect(folder.requireInPlace()).rejects.toThrow(/moved/);
});

test('replaceFile keeps the permissions of a file, but not setuid and setgid', async () => {
  using scene = newWorkspace();
  for (const [mode, after] of [
    [0o755, 0o755],
    [0o4755, 0o755],
    [0o2777, 0o777],
    [0o600, 0o600],
  ] as const) {
    chmodSync(scene.path('notes.txt'), mode);
    await replaceFile(parsePath(scene.workspace, 'notes.txt'), Buffer.from('new'));
    expect(statSync(scene.path('notes.txt')).mode & 0o7777).toBe(after);
  }
});

test('replaceFile refuses a file whose version has changed', async () => {
  using scene = newWorkspace();
  const place = parsePath(scene.workspace, 'notes.txt');
  const version = getFileVersion((await statFile(place))!);
  await replaceFile(place, Buffer.from('one'), version);
  await expect(replaceFile(place, Buffer.from('two'), version)).rejects.toThrow(/changed meanwhile/);
  expect(scene.read('notes.txt')).toBe('one');
});

test('file tools do not reach outside the workspace while a command swaps folders and files for links', async () => {
  using scene = newWorkspace();
  using swapping = swapForLinks(scene.workspace.root, scene.outside);
  await swapping.started;
  let [wrote, refused] = [0, 0];
  for (let round = 0; round < 2_000 || wrote === 0 || refused === 0; round++) {
    const path = round % 2 === 0 ? 'folder/secret.txt' : 'file.txt';
    const result = await scene.run(fileTools.write_file, { path, content: `round ${round}` });
    result.isError ? refused++ : wrote++;
    const read = await scene.run(fileTools.read_file, { path });
    expect(read.text).not.toContain(secret);
    if (round % 100 === 0) expect(readdirSync(scene.outside)).toEqual(['secret.txt']);
    if (round > 100_000) throw new Error(`The swaps were never met: ${wrote} written, ${refused} refused.`);
  }
  expect(readFileSync(scene.secretPath, 'utf8')).toBe(secret);
  expect(readdirSync(scene.outside)).toEqual(['secret.txt']);
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
