import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { limits } from '@it0/contracts/limits';
import { expect, test } from 'vitest';
import { testWorkspace } from '../../testing/workspace.ts';
import { editFile } from './edit-file.ts';
import { writeFile } from './write-file.ts';

test('write_file creates missing folders and returns the number of lines and bytes', async () => {
  using world = testWorkspace();
  const hash = createHash('sha256').update('a\nü').digest('hex').slice(0, 12);
  const created = await world.run(writeFile, { path: 'x/y/notes.txt', content: 'a\nü' });
  expect(created).toEqual({ text: `Created x/y/notes.txt: 2 lines, 4 bytes (hash ${hash}).` });
  expect((await world.run(writeFile, { path: './x/y/notes.txt', content: '' })).text).toMatch(
    /^Replaced .* 0 lines, 0 bytes/,
  );
  expect(world.read('x/y/notes.txt')).toBe('');
  expect(readdirSync(world.path('x/y'))).toEqual(['notes.txt']);
  expect(world.requests).toEqual([]);
});

test.each([
  '.git/hooks/pre-commit',
  'a/.GIT/config',
  'AGENTS.md',
  'skills/x/SKILL.md',
  'HEAD',
  '.claude/settings.json',
])('write_file refuses %s without requesting an approval', async (path) => {
  using world = testWorkspace({ decide: () => 'ALLOWED' });
  expect((await world.run(writeFile, { path, content: 'x' })).isError).toBe(true);
  expect(world.requests).toEqual([]);
  expect(readdirSync(world.workspace.root)).toEqual([]);
});

test('write_file requests approval of the absolute path and whole content, and writes exactly that', async () => {
  using world = testWorkspace({ decide: () => 'ALLOWED' });
  const content = 'TOKEN=\u202e"x"\r\n';
  expect((await world.run(writeFile, { path: 'a/.env', content })).isError).toBeUndefined();
  expect(world.requests).toEqual([{ kind: 'write', command: world.path('a/.env'), content }]);
  expect(readFileSync(world.path('a/.env'), 'utf8')).toBe(content);
});

test.each(['DENIED', 'EXPIRED', 'CANCELLED'] as const)(
  'write_file creates no file or folder when the approval is %s',
  async (status) => {
    using world = testWorkspace({ decide: () => status });
    expect((await world.run(writeFile, { path: 'a/package.json', content: '{}' })).isError).toBe(true);
    expect(readdirSync(world.workspace.root)).toEqual([]);
  },
);

test('write_file writes nothing when the task is stopped while the approval is pending', async () => {
  const stop = new AbortController();
  using world = testWorkspace({
    decide: () => {
      stop.abort();
      return 'ALLOWED';
    },
  });
  expect((await world.run(writeFile, { path: '.env', content: 'x' }, { signal: stop.signal })).isError).toBe(true);
  expect(readdirSync(world.workspace.root)).toEqual([]);
});

test('write_file does not follow a link that replaced a folder while the approval was pending', async () => {
  using world = testWorkspace({
    decide: () => {
      mkdirSync(join(world.dir, 'outside'));
      symlinkSync(join(world.dir, 'outside'), world.path('a'));
      return 'ALLOWED';
    },
  });
  expect((await world.run(writeFile, { path: 'a/.env', content: 'x' })).text).toMatch(/symbolic link/);
  expect(readdirSync(join(world.dir, 'outside'))).toEqual([]);
});

test('write_file and edit_file refuse content that is too long for an approval', async () => {
  using world = testWorkspace({ decide: () => 'ALLOWED' });
  const content = 'x'.repeat(limits.toolArgs);
  expect((await world.run(writeFile, { path: '.env', content })).isError).toBeUndefined();
  expect((await world.run(writeFile, { path: '.env', content: `${content}x` })).text).toMatch(/cannot be shown/);
  expect((await world.run(editFile, { path: '.env', start_line: 2, end_line: 1, new_text: 'y' })).text).toMatch(
    /cannot be shown/,
  );
  expect(world.requests).toHaveLength(1);
  expect(world.read('.env')).toBe(content);
});

test.each(['a\0b', 'a\ud800'])('write_file refuses %j, which cannot be shown as it is written', async (content) => {
  using world = testWorkspace({ decide: () => 'ALLOWED' });
  expect((await world.run(writeFile, { path: '.env', content })).isError).toBe(true);
  expect(world.requests).toEqual([]);
});

test('write_file refuses more than a megabyte, and unknown arguments', async () => {
  using world = testWorkspace();
  expect((await world.run(writeFile, { path: 'a.txt', content: 'ü'.repeat(600_000) })).text).toMatch(/1000000 bytes/);
  expect(writeFile.input.safeParse({ path: 'a.txt', content: 'x'.repeat(1_000_001) }).success).toBe(false);
  expect(writeFile.input.safeParse({ path: 'a.txt', content: 'x', mode: 0o4755 }).success).toBe(false);
});

test('write_file writes to the shared folder only when it is writable', async () => {
  for (const isSharedWritable of [false, true]) {
    using world = testWorkspace({ isSharedWritable });
    for (const path of ['shared/a.txt', join(world.workspace.shared, 'b.txt')])
      expect((await world.run(writeFile, { path, content: 'x' })).isError).toBe(isSharedWritable ? undefined : true);
    expect(readdirSync(world.workspace.shared)).toEqual(isSharedWritable ? ['a.txt', 'b.txt'] : []);
  }
});

test('write_file creates files that are not executable', async () => {
  using world = testWorkspace();
  await world.run(writeFile, { path: 'a.sh', content: '#!/bin/sh' });
  expect(statSync(world.path('a.sh')).mode & 0o7111).toBe(0);
});
