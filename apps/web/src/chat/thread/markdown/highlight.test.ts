import { expect, test } from 'vitest';
import { type CodeNode, findLanguage, highlight } from './highlight.ts';

const join = (nodes: CodeNode[]): string =>
  nodes.map((node) => (typeof node === 'string' ? node : join(node.children))).join('');

test.each([
  ['sh', 'for i in 1 2; do echo "a $i"; done', 'keyword'],
  ['yml', 'key: "<b>&amp;</b>" # note', 'attr'],
  ['ts', 'const answer: number = 42;', 'keyword'],
  ['Dockerfile', 'FROM node:24', 'keyword'],
])('highlight finds the parts of %s, and keeps the code', async (name, code, scope) => {
  const nodes = (await highlight(code, findLanguage(name)!))!;
  expect(join(nodes)).toBe(code);
  expect(JSON.stringify(nodes)).toContain(`"scope":"${scope}"`);
});

test('findLanguage knows no other names', () => {
  expect([findLanguage('constructor'), findLanguage(''), findLanguage('brainfuck')]).toEqual([null, null, null]);
});
