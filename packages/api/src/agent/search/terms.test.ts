import { expect, test } from 'vitest';
import { toMessageTerms, toQueryWords, toTerms, toTsQuery } from './terms.ts';

test.each([
  ['Disk /var/log is FULL', ['disk', 'var', 'log', 'is', 'full']],
  ['nginx-access.log.1', ['nginx', 'access', 'log', '1']],
  ['磁盘空间', ['磁盘', '盘空', '空间', '间']],
  ['重启nginx服务', ['重启', '启', 'nginx', '服务', '务']],
  ['ＡＢＣ１２３', ['abc123']],
  ['ﾃﾞｨｽｸ', ['ディ', 'ィス', 'スク', 'ク']],
  ['Größe GROSSE', ['größe', 'grosse']],
  ['𠮷野家', ['𠮷野', '野家', '家']],
  ['— … !', []],
])('toTerms splits %j into %j', (text, terms) => expect(toTerms(text)).toEqual(terms));

test('toTerms limits the length and the number of terms', () => {
  expect(toTerms('a'.repeat(5_000))).toEqual(['a'.repeat(60)]);
  const text = Array.from({ length: 20_000 }, (_, n) => `word${n}`).join(' ');
  expect(toTerms(text)).toHaveLength(5_000);
});

test('toMessageTerms includes the output of tools and the names of files', () => {
  const call = { type: 'tool', callId: 'c', name: 'exec', title: 'df -h', textOffset: 0, startedAt: '' } as const;
  const tool = { ...call, status: 'completed', output: '/dev/sda1 已满' } as const;
  const file = { type: 'attachment', id: '', name: 'nginx.conf', mediaType: '', size: 1 } as const;
  expect(toMessageTerms([{ type: 'text', text: '看' }, tool, file])).toEqual([
    '看',
    'df',
    'h',
    'dev',
    'sda1',
    '已满',
    '满',
    'nginx',
    'conf',
  ]);
});

test.each([
  ['Disk full', `'disk':* & 'full':*`],
  ['磁盘', `'磁盘'`],
  ['磁盘空间', `'磁盘' & '盘空' & '空间'`],
  ['盘', `'盘':*`],
  ['a nginx', `'a' & 'nginx':*`],
  [`it's \\ | !x:*`, `'it':* & 's' & 'x'`],
])('toTsQuery converts %j to %j', (query, condition) => expect(toTsQuery(toQueryWords(query))).toBe(condition));

test('every part of a text in a script without spaces is found by its terms', () => {
  const text = '磁盘空间不足磁盘已满';
  const terms = toTerms(text);
  for (let start = 0; start < text.length; start++) {
    for (let end = start + 1; end <= text.length; end++) {
      const part = text.slice(start, end);
      for (const condition of toTsQuery(toQueryWords(part)).split(' & ')) {
        const term = condition.replaceAll(/'|:\*/g, '');
        const isFound = condition.endsWith(':*') ? terms.some((it) => it.startsWith(term)) : terms.includes(term);
        expect([part, condition, isFound]).toEqual([part, condition, true]);
      }
    }
  }
});
