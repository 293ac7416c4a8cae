import { expect, test } from 'vitest';
import { joinDictation } from './join-dictation.ts';

test.each([
  ['', 'Check nginx.', 'Check nginx.'],
  ['First.', 'Then.', 'First. Then.'],
  ['First. ', 'Then.', 'First. Then.'],
  ['First.\n', 'Then.', 'First.\nThen.'],
  ['请检查', '磁盘。', '请检查磁盘。'],
  ['检查。', 'nginx', '检查。nginx'],
  ['draft', '', 'draft'],
])('joinDictation of %j and %j', (before, text, joined) => {
  expect(joinDictation(before, text)).toBe(joined);
});
