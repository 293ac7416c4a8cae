import type { ApprovalRequest } from '@it0/contracts/chat-event';
import { expect, test } from 'vitest';
import { isSameRequest } from './same-request.ts';

const request: ApprovalRequest = {
  kind: 'write',
  command: '/w/.env',
  content: 'A=1',
  allowedDecisions: ['allow-once', 'deny'],
};

test('isSameRequest distinguishes two requests for the same path by content, which a decision once ignored', () => {
  expect(isSameRequest(request, { ...request, allowedDecisions: ['deny', 'allow-once'] })).toBe(true);
  for (const content of [undefined, '', 'A=2']) expect(isSameRequest(request, { ...request, content })).toBe(false);
});
