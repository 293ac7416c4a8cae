import { expect, test } from 'vitest';
import { findSnippet } from './snippet.ts';
import { toQueryWords } from './terms.ts';

/** Returns the snippet with its matches in brackets. */
const format = (text: string, query: string) =>
  findSnippet(text, toQueryWords(query))
    ?.map(({ text: piece, match }) => (match ? `[${piece}]` : piece))
    .join('') ?? null;

test.each([
  ['The disk is full. Full!', 'full DISK', 'The [disk] is [full]. [Full]!'],
  ['diskette', 'disk', '[disk]ette'],
  ['nodisk', 'disk', null],
  ['数据库磁盘空间已满', '磁盘空间', '数据库[磁盘空间]已满'],
  ['磁盘已满，空间', '磁盘空间', null],
  ['ﬁle ＤＩＳＫ', 'disk', 'ﬁle [ＤＩＳＫ]'],
  ['İİİ disk', 'disk', 'İİİ [disk]'],
  ['a b ab', 'a', '[a] b ab'],
  ['重启nginx', 'nginx', '重启[nginx]'],
])('findSnippet of %j for %j is %j', (text, query, expected) => expect(format(text, query)).toBe(expected));

test('a snippet of a long text begins with a word before the first match', () => {
  const text = `${'before '.repeat(50)}needle ${'after '.repeat(50)}`;
  const snippet = format(text, 'needle')!;
  expect(snippet).toMatch(/^…before .*before \[needle\] after .*…$/);
  expect(snippet.length).toBeLessThan(170);
});
