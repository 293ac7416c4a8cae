import type { ApprovalStep, Part, ToolStep } from '@it0/contracts/reply';
import { expect, test } from 'vitest';
import { arrangeParts, isSameItem, type ReplyItem } from './arrange-parts.ts';

const tool = (callId: string, status: ToolStep['status'] = 'completed'): Part => ({
  ...{ type: 'tool', callId, name: 'run', title: `df ${callId}`, status, output: '', textOffset: 0 },
  startedAt: '2026-01-01T00:00:00Z',
});
const approval = (callId: string | undefined, changes: Partial<ApprovalStep> = {}): Part => ({
  ...{ type: 'approval', approvalId: `of-${callId}`, callId, command: 'df', allowedDecisions: ['deny'] },
  ...{ expiresAt: '2026-01-01T00:00:00Z', status: 'PENDING', textOffset: 0, ...changes },
});
const text: Part = { type: 'text', text: 'Then:' };

/** Describes the items: a call with its decision in brackets, a card as its id. */
const describe = (items: ReplyItem[]): string[] =>
  items.map((item) => {
    if (item.type === 'text') return 'text';
    if (item.type === 'run') return `run ${item.items.length}`;
    if (item.type === 'approval') return `${item.isFinal ? 'line' : 'card'} ${item.key}`;
    return `${item.key}${item.decision ? `(${item.decision.status})` : ''}${item.hasCard ? ' beside its card' : ''}`;
  });

test('arrangeParts keeps the card of an approval until the reply has ended', () => {
  const parts = [tool('a', 'running'), approval('a')];
  expect(describe(arrangeParts(parts, false))).toEqual(['a beside its card', 'card of-a']);
  const decided = [tool('a'), approval('a', { status: 'ALLOWED', decidedBy: 'Ada' })];
  expect(describe(arrangeParts(decided, false))).toEqual(['a beside its card', 'card of-a']);
  expect(describe(arrangeParts(decided, true))).toEqual(['a(ALLOWED)']);
});

test('arrangeParts shows the decision of a rule as part of its call', () => {
  const parts = [tool('a', 'running'), approval('a', { status: 'DENIED', decidedByRule: 'df *' })];
  expect(describe(arrangeParts(parts, false))).toEqual(['a(DENIED)']);
});

test('arrangeParts shows a decision without a call on a line of its own', () => {
  const parts = [approval(undefined, { status: 'EXPIRED' }), approval('other', { status: 'DENIED' })];
  expect(describe(arrangeParts(parts, true))).toEqual(['line of-undefined', 'line of-other']);
});

test('arrangeParts folds long runs of calls', () => {
  const calls = ['a', 'b', 'c', 'd', 'e'].map((id) => tool(id));
  expect(describe(arrangeParts(calls.slice(0, 3), true))).toEqual(['a', 'b', 'c']);
  expect(describe(arrangeParts(calls, true))).toEqual(['run 5']);
  expect(describe(arrangeParts([...calls, text, tool('f')], true))).toEqual(['run 5', 'text', 'f']);
});

test('arrangeParts leaves the last calls of an open reply visible, and all from one that runs', () => {
  const calls = ['a', 'b', 'c', 'd', 'e'].map((id) => tool(id));
  expect(describe(arrangeParts(calls, false))).toEqual(['run 3', 'd', 'e']);
  const running = [tool('a'), tool('b'), tool('c', 'running'), tool('d'), tool('e')];
  expect(describe(arrangeParts(running, false))).toEqual(['run 2', 'c', 'd', 'e']);
});

test('the items before a text that grows stay the same, so that they are not rendered again', () => {
  const parts = [text, ...['a', 'b', 'c', 'd', 'e'].map((id) => tool(id)), text, tool('f'), approval('f')];
  const [before, after] = [
    arrangeParts([...parts, text], false),
    arrangeParts([...parts, { ...text, text: 'Then: x' }], false),
  ];
  expect(before.map((item, index) => isSameItem(item, after[index]!))).toEqual([true, true, true, true, true, false]);
  const [done, failed] = [arrangeParts([tool('a')], false), arrangeParts([tool('a', 'failed')], false)];
  expect(isSameItem(done[0]!, failed[0]!)).toBe(false);
});
