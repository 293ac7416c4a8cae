import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { limits } from '@it0/contracts/limits';
import { expect, test } from 'vitest';
import { testWorkspace } from '../../testing/workspace.ts';
import { editFile } from './edit-file.ts';
import { writeFile } from './write-file.ts';

test('write_file makes missing folders and tells lines and bytes', async () => {
  using scene = testWorkspace();
  const hash = createHash('sha256').update('a\nü').digest('hex').slice(0, 12);
  const created = await scene.run(writeFile, { path: 'x/y/notes.txt', content: 'a\nü' });
  expect(created).toEqual({ text: `Created x/y/notes.txt: 2 lines, 4 bytes (hash ${hash}).` });
  expect((await scene.run(writeFile, { path: './x/y/notes.txt', content: '' })).text).toMatch(
    /^Replaced .* 0 lines, 0 bytes/,
  );
  expect(scene.read('x/y/notes.txt')).toBe('');
  expect(readdirSync(scene.path('x/y'))).toEqual(['notes.txt']);
  expect(scene.asked).toEqual([]);
});

test.each([
  '.git/hooks/pre-commit',
  'a/.GIT/config',
  'AGENTS.md',
  'skills/x/SKILL.md',
  'HEAD',
  '.claude/settings.json',
])('write_file refuses %s without asking, since no person would want it from an agent', async (path) => {
  using scene = testWorkspace({ decide: () => 'ALLOWED' });
  expect((await scene.run(writeFile, { path, content: 'x' })).isError).toBe(true);
  expect(scene.asked).toEqual([]);
  expect(readdirSync(scene.workspace.root)).toEqual([]);
});

test('write_file asks with the absolute path and the whole content, and writes those very bytes once allowed', async () => {
  using scene = testWorkspace({ decide: () => 'ALLOWED' });
  const content = 'TOKEN=\u202e"x"\r\n';
  expect((await scene.run(writeFile, { path: 'a/.env', content })).isError).toBeUndefined();
  expect(scene.asked).toEqual([{ kind: 'write', command: scene.path('a/.env'), content }]);
  expect(readFileSync(scene.path('a/.env'), 'utf8')).toBe(content);
});

test.each(['DENIED', 'EXPIRED', 'CANCELLED'] as const)('write_file leaves no trace when it is %s', async (status) => {
  using scene = testWorkspace({ decide: () => status });
  expect((await scene.run(writeFile, { path: 'a/package.json', content: '{}' })).isError).toBe(true);
  expect(readdirSync(scene.workspace.root)).toEqual([]);
});

test('write_file writes nothing when the task was stopped while it was allowed', async () => {
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

test('write_file does not follow a link that was put in its place while a person decided', async () => {
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

test('write_file and edit_file do not ask about more than a person can be shown', async () => {
  using scene = testWorkspace({ decide: () => 'ALLOWED' });
  const content = 'x'.repeat(limits.toolArgs);
  expect((await scene.run(writeFile, { path: '.env', content })).isError).toBeUndefined();
  expect((await scene.run(writeFile, { path: '.env', content: `${content}x` })).text).toMatch(/cannot be shown/);
  expect((await scene.run(editFile, { path: '.env', start_line: 2, end_line: 1, new_text: 'y' })).text).toMatch(
    /cannot be shown/,
  );
  expect(scene.asked).toHaveLength(1);
  expect(scene.read('.env')).toBe(content);
});

test.each(['a\0b', 'a\ud800'])(
  'write_file refuses %j, which would be shown otherwise than it is written',
  async (content) => {
    using scene = testWorkspace({ decide: () => 'ALLOWED' });
    expect((await scene.run(writeFile, { path: '.env', content })).isError).toBe(true);
    expect(scene.asked).toEqual([]);
  },
);

test('write_file refuses more than a megabyte, and what it does not know', async () => {
  using scene = testWorkspace();
  expect((await scene.run(writeFile, { path: 'a.txt', content: 'ü'.repeat(600_000) })).text).toMatch(/1000000 bytes/);
  expect(writeFile.input.safeParse({ path: 'a.txt', content: 'x'.repeat(1_000_001) }).success).toBe(false);
  expect(writeFile.input.safeParse({ path: 'a.txt', content: 'x', mode: 0o4755 }).success).toBe(false);
});

test('write_file writes to the shared folder only when that is writable', async () => {
  for (const isSharedWritable of [false, true]) {
    using scene = testWorkspace({ isSharedWritable });
    for (const path of ['shared/a.txt', join(scene.workspace.shared, 'b.txt')])
      expect((await scene.run(writeFile, { path, content: 'x' })).isError).toBe(isSharedWritable ? undefined : true);
    expect(readdirSync(scene.workspace.shared)).toEqual(isSharedWritable ? ['a.txt', 'b.txt'] : []);
  }
});

test('write_file makes files that no one else may run', async () => {
  using scene = testWorkspace();
  await scene.run(writeFile, { path: 'a.sh', content: '#!/bin/sh' });
  expect(statSync(scene.path('a.sh')).mode & 0o7111).toBe(0);
});
