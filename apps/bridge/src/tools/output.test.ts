import { limits } from '@it0/contracts/limits';
import { expect, test } from 'vitest';
import { collectOutput } from './output.ts';

test('collectOutput keeps the head and tail of long output, and counts the omitted characters', () => {
  const shown: string[] = [];
  const output = collectOutput((text) => shown.push(text));
  output.add('first\n');
  for (let line = 0; line < 20_000; line++) output.add('中文😀 0123456789\n');
  output.add('last\n');
  const text = output.text();
  expect(text.length).toBeLessThanOrEqual(limits.toolOutput);
  expect(text).toMatch(/^first\n.*\n\[\d+ characters omitted\]\n.*last\n$/s);
  expect(text.isWellFormed()).toBe(true);
  for (const each of shown) expect(each.length).toBeLessThanOrEqual(limits.progress);
});

test('collectOutput returns short output whole, in order', () => {
  const output = collectOutput(() => {});
  output.add('one ');
  output.add('two');
  expect(output.text()).toBe('one two');
});
