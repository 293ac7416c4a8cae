import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { limits } from '@it0/contracts/limits';
import { expect, test } from 'vitest';
import { testWorkspace } from '../../testing/workspace.ts';
import { editFile } from './edit-file.ts';
import { writeFile } from './write-file.ts';

test('write_file creates missing folders and returns the number of lines and bytes', async () => {
  using scene = testWorkspace();
  const hash = createHash('sha256').update('a\nü').digest('hex').slice(0, 12);
  const created = await scene.run(writeFile, { path: 'x/y/notes.txt', content: 'a\nü' });
  expect(created).toEqual({ text: `Created x/y/notes.txt: 2 lines, 4 bytes (hash ${hash}).` });
  expect((await scene.run(writeFile, { path: './x/y/notes.txt', content: '' })).text).toMatch(
    /^Replaced .* 0 lines, 0 bytes/,
  );
  expect(scene.read('x/y/notes.txt')).toBe('');
  expect(readdirSync(scene.path('x/y'))).toEqual(['notes.txt']);
  expect(scene.requests).toEqual([]);
});

test.each([
  '.git/hooks/pre-commit',
  'a/.GIT/config',
  'AGENTS.md',
  'skills/x/SKILL.md',
  'HEAD',
  '.claude/settings.json',
])('write_file refuses %s without requesting an approval', async (path) => {
  using scene = testWorkspace({ decide: () => 'ALLOWED' });
  expect((await scene.run(writeFile, { path, content: 'x' })).isError).toBe(true);
  expect(scene.requests).toEqual([]);
  expect(readdirSync(scene.workspace.root)).toEqual([]);
});

test('write_file requests approval of the absolute path and whole content, and writes exactly that', async () => {
  using scene = testWorkspace({ decide: () => 'ALLOWED' });
  const content = 'TOKEN=\u202e"x"\r\n';
  expect((await scene.run(writeFile, { path: 'a/.env', content })).isError).toBeUndefined();
  expect(scene.requests).toEqual([{ kind: 'write', command: scene.path('a/.env'), content }]);
  expect(readFileSync(scene.path('a/.env'), 'utf8')).toBe(content);
});

test.each(['DENIED', 'EXPIRED', 'CANCELLED'] as const)(
  'write_file creates no file or folder when the approval is %s',
  async (status) => {
    using scene = testWorkspace({ decide: () => status });
    expect((await scene.run(writeFile, { path: 'a/package.json', content: '{}' })).isError).toBe(true);
    expect(readdirSync(scene.workspace.root)).toEqual([]);
  },
);

test('write_file writes nothing when the task is stopped while the approval is pending', async () => {
  const stop = new AbortController();
  using scene = testWorkspace({
    decide: () => {
      stop.abort();
      return 'ALLOWED';
    },
  });
  expect((await scene.run(writeFile, { path: '.env', content: 'x' }, { signal: stop.signal })).isError).toBe(true);
  expect(readdirSync(scene.workspace.root)).toEqual([]);
});

test('write_file does not follow a link that replaced a folder while the approval was pending', async () => {
  using scene = testWorkspace({
    decide: () => {
      mkdirSync(join(scene.dir, 'outside'));
      symlinkSync(join(scene.dir, 'outside'), scene.path('a'));
      return 'ALLOWED';
    },
  });
  expect((await scene.run(writeFile, { path: 'a/.env', content: 'x' })).text).toMatch(/symbolic link/);
  expect(readdirSync(join(scene.dir, 'outside'))).toEqual([]);
});

test('write_file and edit_file refuse content that is too long for an approval', async () => {
  using scene = testWorkspace({ decide: () => 'ALLOWED' });
  const content = 'x'.repeat(limits.toolArgs);
  expect((await scene.run(writeFile, { path: '.env', content })).isError).toBeUndefined();
  expect((await scene.run(writeFile, { path: '.env', content: `${content}x` })).text).toMatch(/cannot be shown/);
  expect((await scene.run(editFile, { path: '.env', start_line: 2, end_line: 1, new_text: 'y' })).text).toMatch(
    /cannot be shown/,
  );
  expect(scene.requests).toHaveLength(1);
  expect(scene.read('.env')).toBe(content);
});

test.each(['a\0b', 'a\ud800'])('write_file refuses %j, which cannot be shown as it is written', async (content) => {
  using scene = testWorkspace({ decide: () => 'ALLOWED' });
  expect((await scene.run(writeFile, { path: '.env', content })).isError).toBe(true);
  expect(scene.requests).toEqual([]);
});

test('write_file refuses more than a megabyte, and unknown arguments', async () => {
  using scene = testWorkspace();
  expect((await scene.run(writeFile, { path: 'a.txt', content: 'ü'.repeat(600_000) })).text).toMatch(/1000000 bytes/);
  expect(writeFile.input.safeParse({ path: 'a.txt', content: 'x'.repeat(1_000_001) }).success).toBe(false);
  expect(writeFile.input.safeParse({ path: 'a.txt', content: 'x', mode: 0o4755 }).success).toBe(false);
});

test('write_file writes to the shared folder only when it is writable', async () => {
  for (const isSharedWritable of [false, true]) {
    using scene = testWorkspace({ isSharedWritable });
    for (const path of ['shared/a.txt', join(scene.workspace.shared, 'b.txt')])
      expect((await scene.run(writeFile, { path, content: 'x' })).isError).toBe(isSharedWritable ? undefined : true);
    expect(readdirSync(scene.workspace.shared)).toEqual(isSharedWritable ? ['a.txt', 'b.txt'] : []);
  }
});

test('write_file creates files that are not executable', async () => {
  using scene = testWorkspace();
  await scene.run(writeFile, { path: 'a.sh', content: '#!/bin/sh' });
  expect(statSync(scene.path('a.sh')).mode & 0o7111).toBe(0);
});
