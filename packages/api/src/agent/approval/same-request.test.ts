import { expect, test } from 'vitest';
import { type ApprovalRequest, isSameRequest } from './same-request.ts';

const question: ApprovalRequest = {
  kind: 'write',
  command: '/w/.env',
  content: 'A=1',
  allowedDecisions: ['allow-once', 'deny'],
};

test('isSameRequest tells two questions about one path apart by content, which a decision once ignored', () => {
  expect(isSameRequest(question, { ...question, allowedDecisions: ['deny', 'allow-once'] })).toBe(true);
  for (const content of [undefined, '', 'A=2']) expect(isSameRequest(question, { ...question, content })).toBe(false);
});
