import { linkSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { tailFile } from './tail-file.ts';

function createFile(content: string) {
  const dir = mkdtempSync(join(tmpdir(), 'it0-tail-'));
  const file = join(dir, 'file');
  writeFileSync(file, content);
  return { dir, file, [Symbol.dispose]: () => rmSync(dir, { recursive: true }) };
}

test('tailFile returns all lines of a small file, without empty ones', async () => {
  using world = createFile('one\n\ntwo\nthree');
  expect(await tailFile(world.file, 100)).toEqual(['one', 'two', 'three']);
});

test('tailFile omits the line that its limit cuts off', async () => {
  using world = createFile('a secret\nsecond\nthird\n');
  expect(await tailFile(world.file, 15)).toEqual(['second', 'third']);
});

test('tailFile returns no lines of a missing file, a link or a hard link', async () => {
  using world = createFile('secret');
  const at = (name: string) => join(world.dir, name);
  symlinkSync(world.file, at('link'));
  expect([await tailFile(at('missing'), 100), await tailFile(at('link'), 100)]).toEqual([[], []]);
  linkSync(world.file, at('hard-link'));
  expect(await tailFile(at('hard-link'), 100)).toEqual([]);
});
