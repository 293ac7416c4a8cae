import { expect, test } from 'vitest';
import { head, shortLine, shortText, tail, toPlainText, toStorableText } from './text.ts';

test('toStorableText replaces NUL and lone surrogates unit for unit, so that offsets stay valid', () => {
  expect(toStorableText('a\0b\ud83d')).toBe('a\ufffdb\ufffd');
  expect(toStorableText('中文 😀')).toBe('中文 😀');
});

test('head and tail never cut a character in half', () => {
  expect(head('ab😀', 3)).toBe('ab');
  expect(head('ab😀', 4)).toBe('ab😀');
  expect(tail('😀ab', 3)).toBe('ab');
  expect(tail('😀ab', 4)).toBe('😀ab');
});

test.each([
  ['plain, 张伟, é, 👩‍💻', 'plain, 张伟, é, 👩‍💻'],
  ['\u001b[2J\u001b[1;31mred\u001b[0m', 'red'],
  ['\u001b]0;title\u0007x', 'x'],
  ['\u001b]8;;http://evil\u001b\\link\u001b]8;;\u001b\\', 'link'],
  ['\u009b2Jx\u009d0;t\u009cy', 'xy'],
  ['\u001bPq#0\u001b\\x', 'x'],
  ['\u001b(0x\u001b7y\u001bc', 'xy'],
  ['a\u001b', 'a'],
  ['a\u001b[', 'a'],
  ['one\ntwo\r\nthree\rfour', 'one\ntwo\nthree\nfour'],
  ['a\tb\u0007\u0008\u007f\0c', 'a bc'],
  ['\u202eevil\u2069\u200e', 'evil'],
  ['a\u2028b\u0085c', 'abc'],
  ['a\u200bb\u2800c\u{e0041}d\u3164e', 'abcde'],
])('toPlainText cleans %j for a terminal', (value, plain) => expect(toPlainText(value)).toBe(plain));

test('shortText shortens a text and removes escape sequences', () => {
  expect(shortText(5).parse('\u001b[2Jabc\0defg')).toBe('abc\uFFFDd');
  expect(shortText(2).parse('a😀')).toBe('a');
  expect(shortText(9).parse('a\nb')).toBe('a\nb');
  expect(shortLine(9).parse('a\r\n✓ b')).toBe('a ✓ b');
});
