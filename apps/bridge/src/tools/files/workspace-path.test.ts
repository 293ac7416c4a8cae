import { normalize } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatPath, parsePath, Refusal, requireWritable, toAbsolutePath } from './workspace-path.ts';

const workspace = {
  ...{ root: '/data/workspaces/u', shared: '/data/shared', isSharedWritable: false },
  requireSpace: async () => {},
};
const parse = (path: string) => toAbsolutePath(parsePath(workspace, path));

test.each([
  ['a/b.txt', '/data/workspaces/u/a/b.txt'],
  ['./a//b.txt', '/data/workspaces/u/a/b.txt'],
  ['.', '/data/workspaces/u'],
  ['/data/workspaces/u/a', '/data/workspaces/u/a'],
  ['/data//workspaces/./u/a/', '/data/workspaces/u/a'],
  ['shared', '/data/shared'],
  ['shared/a', '/data/shared/a'],
  ['/data/shared/a', '/data/shared/a'],
  ['/data/workspaces/u/shared/a', '/data/shared/a'],
  ['...', '/data/workspaces/u/...'],
  ['a~', '/data/workspaces/u/a~'],
])('parsePath resolves %j to a path in the workspace or the shared folder', (path, resolved) => {
  expect(parse(path)).toBe(resolved);
});

test.each(
  [
    '',
    '..',
    '../u/a',
    'a/../../b',
    'a/..',
    '/etc/passwd',
    '/',
    '/data',
    '/data/workspaces',
    '/data/workspaces/u2/a',
  ].concat(
    ['/data/workspaces/u/../v', '/data/sharedx', '~', '~/a', '~root/a', 'file:///etc/passwd', 'FILE://x', 'http://h/x'],
    ['a\0b', 'a\ud800', '/proc/self/fd/3', '/proc/self/cwd/a', '/dev/stdin', 'x'.repeat(5_000), '//etc/passwd'],
  ),
)('parsePath refuses %j, which leads out of the workspace or is not a path', (path) => {
  expect(() => parse(path)).toThrow(Refusal);
});

test('parsePath accepts only paths in the workspace or the shared folder, in any spelling', () => {
  const part = fc.oneof(
    fc.constantFrom('..', '.', '', '~', 'shared', 'data', 'workspaces', 'u', 'etc', 'proc', 'self', '...', '.. ', 'a'),
    fc.string({ unit: 'binary', maxLength: 5 }),
    fc.constantFrom('..\\..', '%2e%2e', '．．', '..\0', 'file:', '\u202e..'),
  );
  const path = fc.tuple(
    fc.constantFrom('', '/', '//', './', '~/', workspace.root, `${workspace.shared}/`),
    fc.array(part),
  );
  fc.assert(
    fc.property(path, ([start, parts]) => {
      let resolved: string;
      try {
        resolved = parse(start + parts.join('/'));
      } catch (error) {
        expect(error).toBeInstanceOf(Refusal);
        return;
      }
      expect(normalize(resolved)).toBe(resolved);
      expect(`${resolved}/`).toMatch(/^\/data\/(?:workspaces\/u|shared)\//);
    }),
    { numRuns: 2_000 },
  );
});

test.each([
  'a\u202eb',
  'a\u200b',
  'a\nb',
  'a\u001b[2J',
  'a\u2028',
  'a ',
  ' a',
  'a\u00a0b',
  'a\u00ad',
  'a\u3164',
  'a\u2800b',
  'a\u{e0041}',
  'x/\u2066y/z',
  'a\u0085',
])('requireWritable refuses %j, which a person would not see unchanged', (path) => {
  expect(() => requireWritable(parsePath(workspace, path))).toThrow(Refusal);
  expect(formatPath(path)).toMatch(/^"[ -~]*"$/);
  expect(JSON.parse(formatPath(path))).toBe(path);
});

test('requireWritable accepts names in any language, and refuses a read-only shared folder', () => {
  for (const path of ['报告 一.md', 'Übersicht.txt', 'отчёт', 'a b.c']) {
    expect(() => requireWritable(parsePath(workspace, path))).not.toThrow();
    expect(formatPath(path)).toBe(path);
  }
  expect(() => requireWritable(parsePath(workspace, 'shared/a'))).toThrow(/read-only/);
  expect(() => requireWritable(parsePath({ ...workspace, isSharedWritable: true }, 'shared/a'))).not.toThrow();
});
