import { expect, test } from 'vitest';
import { detectEncoding, toUtf8 } from './text-encoding.ts';

const bytes = (text: string) => Buffer.from(text, 'latin1');

test.each([
  ['GBK', '\xc3\xfb\xb3\xc6,1\n', 'gbk', '名称,1\n'],
  ['Latin-1 at the end of a word', 'caf\xe9\n', 'windows-1252', 'café\n'],
  ['Latin-1 with two letters in a row', 'Gr\xf6\xdfe 5 m\xb2\n', 'windows-1252', 'Größe 5 m²\n'],
  ['a long text with one such letter', `${'letters '.repeat(600)}\xe9`, 'windows-1252', `${'letters '.repeat(600)}é`],
  ['UTF-16, little endian', '\xff\xfea\0\xe9\0', 'utf-16le', 'aé'],
  ['UTF-16, big endian', '\xfe\xff\0a\0\xe9', 'utf-16be', 'aé'],
  ['UTF-8 with a damaged character', '\xe4\xbd\xa0\xe5\xa5\xbd\xe4\xbd', 'utf-8', '你好\ufffd'],
])('detectEncoding recognizes %s', (_, content, encoding, text) => {
  expect(detectEncoding(bytes(content))).toBe(encoding);
  expect(toUtf8(bytes(content), encoding as 'gbk').toString()).toBe(text);
});

test.each(['MZ\0\x01\xff', '\x7fELF\x02\x01\x01\x00\xff'])('detectEncoding refuses the program %j', (content) => {
  expect(detectEncoding(bytes(content))).toBe(null);
});
