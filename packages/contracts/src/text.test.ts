import { expect, test } from 'vitest';
import { head, storable, tail } from './text.ts';

test('what Postgres cannot store is replaced, unit for unit, so that offsets stay true', () => {
  expect(storable('a\0b\ud83d')).toBe('a\ufffdb\ufffd');
  expect(storable('中文 😀')).toBe('中文 😀');
});

test('a cut never goes through a character', () => {
  expect(head('ab😀', 3)).toBe('ab');
  expect(head('ab😀', 4)).toBe('ab😀');
  expect(tail('😀ab', 3)).toBe('ab');
  expect(tail('😀ab', 4)).toBe('😀ab');
});
