import { expect, test } from 'vitest';
import { isSameQuestion, type Question } from './same-request.ts';

const question: Question = {
  kind: 'write',
  command: '/w/.env',
  content: 'A=1',
  allowedDecisions: ['allow-once', 'deny'],
};

test('isSameQuestion tells two questions about one path apart by content, which a decision once ignored', () => {
  expect(isSameQuestion(question, { ...question, allowedDecisions: ['deny', 'allow-once'] })).toBe(true);
  for (const content of [undefined, '', 'A=2']) expect(isSameQuestion(question, { ...question, content })).toBe(false);
});
