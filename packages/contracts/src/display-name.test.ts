import { expect, test } from 'vitest';
import { cleanDisplayName, displayName } from './display-name.ts';

const DisplayName = displayName();
const parseName = (value: string) => DisplayName.safeParse(value).data ?? null;

test.each([
  ['Web cluster', 'Web cluster'],
  ['  Ada  ', 'Ada'],
  ['\tAda\n', 'Ada'],
  ['\u202eada', 'ada'],
  ['a\u2066b\u2069c\u200e\u200f\u061c', 'abc'],
  ['a\u200bb\ufeff\u2060', 'ab'],
  ['a\u2028b\u2029c', 'a b c'],
  ['a\u00a0b\u3000c', 'a b c'],
  ['a\u2800b\u3164c\uffa0\u115f\u1160\u034f', 'abc'],
  ['e\u0301', '\u00e9'],
  [`z${'\u0335'.repeat(60)}`, `z${'\u0335'.repeat(4)}`],
  ['张伟', '张伟'],
  ['نیما می\u200cخواهم', 'نیما می\u200cخواهم'],
  ['สวัสดี ที่ปั้', 'สวัสดี ที่ปั้'],
  ['שָׁלוֹם', 'שָׁלוֹם'.normalize('NFC')],
  ['क्षत्रिय', 'क्षत्रिय'],
  ['👩‍💻 dev', '👩‍💻 dev'],
  ['❤️', '❤️'],
  ['葛\u{e0100}城', '葛\u{e0100}城'],
])('displayName parses %j to %j', (value, name) => expect(parseName(value)).toBe(name));

test.each([
  ...[
    '',
    ' ',
    '\u00a0',
    '\u200b\u200b',
    '\u2800',
    '\u00ad',
    '\u2060',
    '\u3164',
    '\u115f\u1160',
    '\uffa0',
    '\u034f',
    '\ufe0f',
  ],
  ...['\u200d', '\u{e0001}', '\u0301', '\u2028', '\u202e'],
])('displayName refuses %j, which has no visible character', (value) => expect(parseName(value)).toBe(null));

test.each(['a\0b', 'a\u0007b', 'a\nb', 'a\u001b[2Jb', 'a\u009bb', 'a\u007fb', 'a\ud800b', '\udc00'])(
  'displayName refuses %j, which has a control character or a lone surrogate',
  (value) => expect(parseName(value)).toBe(null),
);

test('displayName limits the length after it has removed characters', () => {
  expect(parseName(`${'a'.repeat(80)}${'\u200b'.repeat(100)}`)).toBe('a'.repeat(80));
  expect(parseName('a'.repeat(81))).toBe(null);
  expect(parseName('\u200b'.repeat(1_000_000))).toBe(null);
});

test.each([
  ['Web cluster', 'Web cluster'],
  ['a\0b\u0007c\u007fd\u009be', 'abcde'],
  ['a\u001b[2Jb', 'a[2Jb'],
  ['a\r\nb\tc\u0085d', 'a b c d'],
  ['a\ud800b\udc00', 'ab'],
  ['👩\u200d💻', '👩\u200d💻'],
  ['\u202ea\u2028b', 'a b'],
  ['\0\n', ''],
])('cleanDisplayName turns %j into %j, which displayName accepts unless it is empty', (value, name) => {
  expect(cleanDisplayName(value)).toBe(name);
  expect(parseName(name)).toBe(name || null);
});
