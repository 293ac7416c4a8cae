import { expect, test } from 'vitest';
import { filterEntries, readSlashQuery } from './filter-entries.ts';

test('readSlashQuery finds a query at the beginning of a single line, and none in a path', () => {
  expect(['/', '/ne', '/restart nginx'].map(readSlashQuery)).toEqual(['', 'ne', 'restart nginx']);
  for (const message of ['', 'a /', ' /new', '/etc/hosts', '//', '/new\nline', `/${'x'.repeat(61)}`])
    expect([message, readSlashQuery(message)]).toEqual([message, null]);
});

test('filterEntries returns what begins with the query before what contains it, also in Chinese', () => {
  const entries = [
    { id: '1', name: '检查磁盘' },
    { id: '2', name: '磁盘用量' },
    { id: '3', name: 'Renew certificates' },
    { id: '4', name: '新会话', slug: 'new' },
  ];
  const find = (query: string) => filterEntries(entries, query).map(({ id }) => id);
  expect(find('')).toEqual(['1', '2', '3', '4']);
  expect(find('磁盘')).toEqual(['2', '1']);
  expect(find('NEW')).toEqual(['4', '3']);
  expect(find('etc')).toEqual([]);
});
