import type { ApprovalRule } from '@it0/contracts/approval-rule';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { mergeRules } from './merge-rules.ts';

const rule = (pattern: string): ApprovalRule => ({ kind: 'exec', pattern, action: 'allow' });
const rules = (text: string) => [...text].map(rule);
const byPattern = (one: ApprovalRule, other: ApprovalRule) => one.pattern.localeCompare(other.pattern);
const toText = (list: ApprovalRule[]) => list.map(({ pattern }) => pattern).join('');

test.for([
  ['', 'x', 'y', 'yx'],
  ['ab', 'ab', 'ab', 'ab'],
  ['ab', 'xab', 'ab', 'xab'],
  ['ab', 'ab', 'xab', 'xab'],
  ['ab', 'ab', 'axb', 'axb'],
  ['ab', 'abx', 'aby', 'abyx'],
  ['ab', 'ba', 'axb', 'bax'],
  ['ab', 'b', 'a', ''],
  ['ab', 'cb', 'b', 'cb'],
  ['ab', 'cb', 'db', 'dcb'],
  ['ab', 'abx', 'abx', 'abx'],
  ['aa', 'aa', 'aaa', 'aaa'],
  ['aa', 'a', 'aab', 'ab'],
  ['ab', 'ab', 'ba', 'ab'],
  ['ab', 'ab', '', ''],
] as const)('mergeRules with base %j merges own %j and saved %j into %j', ([base, own, theirs, merged]) => {
  expect(toText(mergeRules(rules(base), rules(own), rules(theirs)).rules)).toBe(merged);
});

test('mergeRules reports the changes of the saved list', () => {
  const { added, removed, isReordered } = mergeRules(rules('abc'), rules('abcx'), rules('acy'));
  expect([toText(added), toText(removed), isReordered]).toEqual(['y', 'b', false]);
  expect(mergeRules(rules('ab'), rules('ab'), rules('ba')).isReordered).toBe(true);
});

test('mergeRules keeps the additions of both sides', () => {
  const list = fc.uniqueArray(fc.constantFrom(...'abcdef')).map((letters) => letters.map(rule));
  fc.assert(
    fc.property(list, list, list, (base, own, theirs) => {
      const { rules } = mergeRules(base, own, theirs);
      const isIn = (list: ApprovalRule[], { pattern }: ApprovalRule) => list.some((one) => one.pattern === pattern);
      for (const one of [...own, ...theirs]) if (!isIn(base, one)) expect(isIn(rules, one)).toBe(true);
      // A side without changes does not affect the other's list.
      expect(mergeRules(base, own, base).rules).toEqual(own);
      expect(toText(mergeRules(base, base, theirs).rules.toSorted(byPattern))).toBe(toText(theirs.toSorted(byPattern)));
    }),
  );
});
