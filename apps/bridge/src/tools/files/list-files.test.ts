import { symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { limits } from '@it0/contracts/limits';
import { expect, test } from 'vitest';
import { testWorkspace } from '../../testing/workspace.ts';
import { listFiles } from './list-files.ts';

test('list_files lists names, kinds and sizes to the requested depth', async () => {
  using world = testWorkspace();
  world.put('b.txt', 'four');
  world.put('a/c/d.txt', 'x');
  symlinkSync('/etc', world.path('link'));
  const list = async (input: object) => (await world.run(listFiles, input)).text.split('\n');
  const shared = 'shared/ (shared by all users of this agent, read-only)';
  expect(await list({})).toEqual([shared, 'a/', 'b.txt 4', 'link -> /etc']);
  expect(await list({ depth: 2 })).toEqual([shared, 'a/', 'a/c/', 'b.txt 4', 'link -> /etc']);
  expect(await list({ path: 'a', depth: 3 })).toEqual(['c/', 'c/d.txt 1']);
  expect(await list({ path: world.path('a/c') })).toEqual(['d.txt 1']);
  expect(await list({ path: 'shared' })).toEqual(['[Empty]']);
});

test('list_files quotes and escapes a deceptive name, on one line', async () => {
  using world = testWorkspace();
  const names = ['a\nb.txt 4', '\u001b[2J', 'exe.\u202etxt', ' space', 'a"b', '报告 一.md'];
  for (const name of names) world.put(name);
  const lines = (await world.run(listFiles, {})).text.split('\n').slice(1);
  expect(lines).toHaveLength(names.length);
  expect(
    lines
      .map((line) => line.replace(/ 0$/, ''))
      .map((name) => (name.startsWith('"') ? JSON.parse(name) : name))
      .sort(),
  ).toEqual(names.toSorted());
  expect(lines.join('')).toMatch(/^[ -~报告一]*$/);
});

test('list_files reports when it does not show all entries', async () => {
  using world = testWorkspace();
  for (let index = 0; index < 1_001; index++)
    writeFileSync(join(world.workspace.shared, `${index}`.padStart(4, '0')), '');
  const lines = (await world.run(listFiles, { path: 'shared' })).text.split('\n');
  expect(lines).toHaveLength(1_001);
  expect(lines[0]).toBe('0000 0');
  expect(lines.at(-1)).toMatch(/There is more/);
  for (let index = 0; index < 500; index++) world.put(`${index}-${'x'.repeat(200)}`);
  const { text } = await world.run(listFiles, {});
  expect(text.length).toBeLessThanOrEqual(limits.toolOutput);
  expect(text).toMatch(/There is more/);
});
