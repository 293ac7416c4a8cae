import { appendFileSync, writeFileSync } from 'node:fs';
import { limits } from '@it0/contracts/limits';
import { expect, test } from 'vitest';
import { PNG } from '../../testing/files.ts';
import { testWorkspace } from '../../testing/workspace.ts';
import { readFile } from './read-file.ts';
import { hashText, MAX_TEXT_BYTES } from './text-file.ts';
import { viewImage } from './view-image.ts';

test('read_file returns numbered lines and the hash of the file', async () => {
  using world = testWorkspace();
  world.put('a.txt', 'one\n\nthree');
  expect((await world.run(readFile, { path: 'a.txt' })).text).toBe(
    `a.txt, lines 1–3 of 3 (hash ${hashText('one\n\nthree')}).\n1\tone\n2\t\n3\tthree`,
  );
  expect((await world.run(readFile, { path: 'a.txt', start_line: 2, line_count: 1 })).text).toMatch(
    /^a.txt, lines 2–2 of 3 \(hash \w+\)\. Call again with start_line 3 to continue\.\n2\t$/,
  );
  expect((await world.run(readFile, { path: 'a.txt', start_line: 4 })).text).toMatch(/has only 3 lines/);
  world.put('empty');
  expect((await world.run(readFile, { path: 'empty' })).text).toMatch(/^empty is empty/);
});

test.each([
  ['of less than a megabyte', 20_000, 30],
  ['of many megabytes', 200_000, 60],
  ['with lines of 100,000 characters', 100, 100_000],
])('read_file returns each line of a file %s when called with the start_line it reports', async (_, count, width) => {
  using world = testWorkspace();
  const lines = Array.from({ length: count }, (_, index) => `${index + 1} `.padEnd(width, 'ü'));
  world.put('a.txt', `${lines.join('\n')}\n`);
  let next: number | undefined = 1;
  for (let calls = 0; next !== undefined; calls++) {
    const { text, isError }: { text: string; isError?: boolean } = await world.run(readFile, {
      path: 'a.txt',
      start_line: next,
    });
    expect(isError).toBeUndefined();
    expect(text.length).toBeLessThanOrEqual(limits.toolOutput);
    const [header, ...shown] = text.split('\n');
    for (const [index, line] of shown.entries())
      expect(line).toMatch(new RegExp(`^${next + index}\t${next + index} ü`));
    const more: string | undefined = /start_line (\d+)/.exec(header!)?.[1];
    if (more === undefined) expect(next + shown.length - 1).toBe(count);
    else expect(Number(more)).toBe(next + shown.length);
    // The smallest file is read whole, the others at the beginning and the end.
    next = more === undefined ? undefined : calls === 3 && count > 20_000 ? count - 5 : Number(more);
  }
});

test.each([
  ['\n', 2],
  ['', 1],
])('read_file reports the number of lines of a large file that ends with %j', async (ending, odd) => {
  using world = testWorkspace();
  // The first file ends where a chunk of the search does.
  for (const length of [65_536 * 20 - ending.length, MAX_TEXT_BYTES + odd]) {
    world.put('a.txt', `a\n\n${'b'.repeat(length - 3)}${ending}`);
    for (const start_line of [5, 100])
      expect((await world.run(readFile, { path: 'a.txt', start_line })).text).toBe('The file has only 3 lines.');
  }
  world.put('a.txt', `${'b'.repeat(MAX_TEXT_BYTES)}${ending}`);
  expect((await world.run(readFile, { path: 'a.txt', start_line: 3 })).text).toMatch(/has only 1 line\.$/);
});

test('read_file refuses a file that is not UTF-8 text at any position', async () => {
  using world = testWorkspace();
  for (const bytes of [
    PNG,
    Buffer.from('a\xe9', 'latin1'),
    Buffer.from('\ufeffa', 'utf16le'),
    Buffer.from(`${'a'.repeat(9_000)}\0`),
  ]) {
    world.put('a', bytes);
    expect((await world.run(readFile, { path: 'a' })).text).toMatch(/not UTF-8 text.*view_image/);
  }
  world.put('cut', Buffer.from('ü').subarray(0, 1));
  expect((await world.run(readFile, { path: 'cut' })).isError).toBe(true);
});

test('read_file searches for a line in the first 64 MiB of a file only', async () => {
  using world = testWorkspace();
  writeFileSync(world.path('a.log'), '');
  for (let part = 0; part < 65; part++) appendFileSync(world.path('a.log'), Buffer.alloc(1024 * 1024, 'x'));
  expect((await world.run(readFile, { path: 'a.log', start_line: 2 })).text).toMatch(/too far/);
});

test('view_image detects the type of an image by its content and refuses other files', async () => {
  using world = testWorkspace();
  const images = {
    'image/png': PNG,
    'image/jpeg': Buffer.from('\xff\xd8\xff\xe0 jpeg', 'latin1'),
    'image/gif': Buffer.from('GIF89a....'),
    'image/webp': Buffer.from('RIFF\n\n\n\nWEBPVP8 '),
  };
  for (const [mediaType, bytes] of Object.entries(images)) {
    world.put('a.txt', bytes);
    expect((await world.run(viewImage, { path: 'a.txt' })).image).toEqual({
      mediaType,
      data: bytes.toString('base64'),
    });
  }
  for (const bytes of ['', 'text', '<svg/>', 'RIFF....WAVE', 'GIF90a']) {
    world.put('a.png', bytes);
    expect(await world.run(viewImage, { path: 'a.png' })).toMatchObject({
      isError: true,
      text: expect.stringMatching(/is not a PNG/),
    });
  }
  world.put('large.png', Buffer.concat([PNG, Buffer.alloc(5 * 1024 * 1024)]));
  expect((await world.run(viewImage, { path: 'large.png' })).text).toMatch(/larger/);
});
