import fc from 'fast-check';
import { expect, test } from 'vitest';
import { testWorkspace } from '../../testing/workspace.ts';
import { editFile } from './edit-file.ts';
import { editText } from './edit-text.ts';
import { findMatches } from './find-matches.ts';
import { readFile } from './read-file.ts';
import { hashText, MAX_TEXT_BYTES, splitLines } from './text-file.ts';

test.each([
  ['a\nb\nc\n', { old_text: 'b', new_text: 'B' }, 'a\nB\nc\n'],
  ['a\nb\nc', { old_text: 'c', new_text: 'C' }, 'a\nb\nC'],
  ['a\nb\n', { old_text: 'b\n', new_text: '' }, 'a\n'],
  ['a\r\nb\r\nc\r\n', { old_text: 'a\nb', new_text: 'x\ny' }, 'x\r\ny\r\nc\r\n'],
  ['a\r\nb\r\n', { start_line: 2, end_line: 2, new_text: 'x\ny' }, 'a\r\nx\r\ny\r\n'],
  ['a\nb\nc\n', { start_line: 2, end_line: 2, new_text: 'B' }, 'a\nB\nc\n'],
  ['a\nb\nc\n', { start_line: 2, end_line: 2, new_text: 'B\n' }, 'a\nB\nc\n'],
  ['a\nb\nc\n', { start_line: 1, end_line: 3, new_text: 'x' }, 'x\n'],
  ['a\nb\nc', { start_line: 3, end_line: 3, new_text: 'x\n' }, 'a\nb\nx'],
  ['a\nb\nc', { start_line: 3, end_line: 3, new_text: '' }, 'a\nb'],
  ['a\nb\n', { start_line: 2, end_line: 1, new_text: 'x\n\ny' }, 'a\nx\n\ny\nb\n'],
  ['a\nb', { start_line: 3, end_line: 2, new_text: 'c' }, 'a\nb\nc'],
  ['a\nb\n', { start_line: 3, end_line: 2, new_text: 'c' }, 'a\nb\nc\n'],
  ['', { start_line: 1, end_line: 0, new_text: 'a\n' }, 'a\n'],
  ['\nab', { old_text: '\na', new_text: 'x' }, 'xb'],
  ['\ufeffa\nb\n', { start_line: 2, end_line: 2, new_text: 'c' }, '\ufeffa\nc\n'],
  ['$1', { old_text: '$1', new_text: '$&$$' }, '$&$$'],
])('editText applies to %j the edit %j and keeps line endings', (before, edit, after) => {
  expect(editText(before, edit as Parameters<typeof editText>[1]).text).toBe(after);
});

test('editText keeps all other lines, and whether the last line has an ending', () => {
  const line = fc
    .string({ unit: fc.constantFrom('a', 'b', ' ', '\t', '\r'), maxLength: 4 })
    .map((text) => text.replaceAll('\r', ''));
  fc.assert(
    fc.property(
      fc.array(line, { minLength: 1 }),
      fc.constantFrom('\n', '\r\n'),
      fc.boolean(),
      fc.array(line),
      fc.nat(),
      fc.nat(),
      (lines, ending, hasEnding, added, one, two) => {
        const text = lines.join(ending) + (hasEnding ? ending : '');
        const all = splitLines(text);
        const start_line = 1 + (one % (all.length + 1));
        const end_line = start_line - 1 + (two % (all.length - start_line + 2));
        const edited = editText(text, {
          start_line,
          end_line,
          new_text: added.map((each) => `${each}\n`).join(''),
        }).text;
        const bare = (each: string) => each.replace(/\r?\n$/, '');
        const expected = all.map(bare).toSpliced(start_line - 1, end_line - start_line + 1, ...added);
        // An empty last line without an ending does not count as a line.
        const actual = splitLines(edited).map(bare);
        expect(actual.join('\n').replace(/\n+$/, '')).toBe(expected.join('\n').replace(/\n+$/, ''));
        if (text.includes('\r\n')) expect(edited).not.toMatch(/(?<!\r)\n/);
        if (all.length > 0 && edited !== '' && all.at(-1)!.endsWith('\n')) expect(edited.endsWith('\n')).toBe(true);
      },
    ),
    { numRuns: 500 },
  );
});

test('edit_file replaces a line by its number when the model sees a token in it masked', async () => {
  using world = testWorkspace();
  world.put('app.conf', 'user = me\ntoken = sk-1234567890abcdef\nport = 1\n');
  const [, hash] = /hash ([0-9a-f]+)/.exec((await world.run(readFile, { path: 'app.conf' })).text)!;
  const input = { path: 'app.conf', start_line: 2, end_line: 2, new_text: 'token = other' };
  const result = await world.run(editFile, { ...input, expected_hash: hash });
  expect(world.read('app.conf')).toBe('user = me\ntoken = other\nport = 1\n');
  expect(result.text).toContain(`hash ${hashText(world.read('app.conf'))}`);
  expect(result.text).toContain('@@ -2,1 +2,1 @@\n-token = sk-1234567890abcdef\n+token = other');
  expect((await world.run(editFile, { ...input, expected_hash: hash })).text).toMatch(/changed since/);
});

test('edit_file reports the matching or nearest lines when old_text does not occur exactly once', async () => {
  using world = testWorkspace();
  world.put('a.py', 'def run():\n    return 1\n\ndef stop():\n    return 1\n');
  const edit = (old_text: string) => world.run(editFile, { path: 'a.py', old_text, new_text: 'x' });
  expect((await edit('    return 1')).text).toMatch(/2 times, in lines 2, 5/);
  expect((await edit('def run( ):')).text).toMatch(/not in the file.*\n1\tdef run\(\):/);
  expect((await edit('nothing like it at all')).text).toMatch(/^old_text is not in the file\. Give/);
  expect(world.read('a.py')).toContain('def stop');
});

test('findPlaces finds what a search at every offset finds', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 30 });
  fc.assert(
    fc.property(text, fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 1, maxLength: 5 }), (whole, part) => {
      const all = Array.from(whole, (_, at) => at).filter((at) => whole.startsWith(part, at));
      expect(findMatches(whole, part, 100)).toEqual(all);
      expect(findMatches(whole, part, 2)).toEqual(all.slice(0, 2));
    }),
    { numRuns: 500 },
  );
});

// With `indexOf`, each of them takes minutes.
test('editText takes time in proportion to a text of one repeated character', () => {
  const text = 'a'.repeat(MAX_TEXT_BYTES);
  const half = 'a'.repeat(MAX_TEXT_BYTES / 4);
  const edit = (old_text: string) => () => editText(text, { old_text, new_text: 'x' });
  expect(edit(`${half}b${half}`)).toThrow(/not in the file/);
  expect(edit(half + half)).toThrow(/more than 10 times, in lines 1, 1/);
});

test('edit_file refuses binary files, missing lines, and missing or conflicting arguments', async () => {
  using world = testWorkspace();
  world.put('image.png', Buffer.from([0x89, 0x50, 0, 1]));
  world.put('latin.txt', Buffer.from('caf\xe9\n', 'latin1'));
  world.put('a.txt', 'a\n');
  const lines = { start_line: 1, end_line: 1, new_text: 'x' };
  for (const path of ['image.png', 'latin.txt'])
    expect((await world.run(editFile, { path, ...lines })).text).toMatch(/not UTF-8 text/);
  expect((await world.run(editFile, { path: 'a.txt', ...lines, end_line: 2 })).text).toMatch(/only 1 line\./);
  expect((await world.run(editFile, { path: 'b.txt', ...lines })).text).toMatch(/no such file/);
  for (const input of [
    {},
    { old_text: 'a', start_line: 1 },
    { start_line: 1 },
    { start_line: 3, end_line: 1 },
    { old_text: '' },
  ])
    expect(editFile.input.safeParse({ path: 'a.txt', new_text: 'x', ...input }).success).toBe(false);
});

test('edit_file requests approval of the whole new content, and does not overwrite a later change', async () => {
  using world = testWorkspace({
    decide: () => {
      world.put('.env', 'A=1\nB=2\nC=3\n');
      return 'ALLOWED';
    },
  });
  world.put('.env', 'A=1\nB=2\n');
  const result = await world.run(editFile, { path: '.env', old_text: 'B=2', new_text: 'B=4' });
  expect(world.requests).toEqual([{ kind: 'write', command: world.path('.env'), content: 'A=1\nB=4\n' }]);
  expect(result.text).toMatch(/changed in the meantime/);
  expect(world.read('.env')).toBe('A=1\nB=2\nC=3\n');
});
