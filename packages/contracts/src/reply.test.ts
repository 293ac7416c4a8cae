import { expect, test } from 'vitest';
import type { ChatEvent } from './chat-event.ts';
import { applyTextDelta, createReply, hasGap, reduceReply, toParts } from './reply.ts';

const taskId = '01990000-0000-7000-8000-00000000000a';
const at = '2026-11-22T10:00:00.000Z';
let seq = 0;
const log = <T extends object>(event: T) => ({ ...event, seq: ++seq, at, taskId }) as unknown as ChatEvent;
const text = (offset: number, delta: string): ChatEvent => ({ type: 'text', taskId, offset, delta });
const start = (callId: string, textOffset: number) =>
  log({ type: 'tool', phase: 'start', callId, name: 'exec', title: callId, textOffset });
const end = (callId: string) =>
  log({ type: 'tool', phase: 'end', callId, status: 'completed', output: 'out', exitCode: 0 });
const approval = (approvalId: string, status: string) =>
  log({ type: 'approval', approvalId, command: 'x', allowedDecisions: ['deny'], expiresAt: at, status, textOffset: 0 });
const reduce = (...events: ChatEvent[]) => events.reduce(reduceReply, createReply(taskId));

test('toParts returns text and steps in the order in which they happened', () => {
  const reply = reduce(
    text(0, 'before '),
    start('a', 7),
    end('a'),
    text(7, 'between '),
    start('b', 15),
    text(15, 'after'),
  );
  expect(
    toParts(reply).map((part) => (part.type === 'text' ? part.text : part.type === 'tool' && part.callId)),
  ).toEqual(['before ', 'a', 'between ', 'b', 'after']);
});

test('reduceReply takes the full text from completed when a delta was lost', () => {
  expect(reduce(text(0, 'ab'), log({ type: 'completed', text: 'abcd' })).text).toBe('abcd');
});

test('applyTextDelta appends, repeats or replaces text, and returns null when text before the delta is missing', () => {
  expect(applyTextDelta('abc', 3, 'd')).toBe('abcd');
  expect(applyTextDelta('abcd', 1, 'bc')).toBe('abcd');
  expect(applyTextDelta('abcd', 2, 'xy')).toBe('abxy');
  expect(applyTextDelta('abc', 4, 'e')).toBeNull();
  expect(hasGap(reduce(text(0, 'abc')), text(4, 'e'))).toBe(true);
});

test('reduceReply keeps the full subject of an approval, since a decision about a part of it would be refused', () => {
  const subject = {
    kind: 'write',
    command: '/w/.env',
    content: 'A=1',
    digest: 'd',
    agentConfiguration: true,
    warning: 'w',
  };
  const event = {
    type: 'approval',
    approvalId: '1',
    allowedDecisions: ['deny'],
    expiresAt: at,
    status: 'PENDING',
    textOffset: 0,
  };
  expect(reduce(log({ ...event, ...subject })).steps).toEqual([expect.objectContaining(subject)]);
});

test('reduceReply keeps WAITING_APPROVAL while one approval is pending', () => {
  const waiting = reduce(approval('1', 'PENDING'), approval('2', 'PENDING'), approval('1', 'ALLOWED'));
  expect(waiting.status).toBe('WAITING_APPROVAL');
  expect(reduceReply(waiting, approval('2', 'DENIED')).status).toBe('RUNNING');
});

test('reduceReply closes open steps when the task ends, and ignores later events', () => {
  const error = log({ type: 'error', status: 'FAILED', reason: 'AGENT_ERROR', text: 'half' });
  const reply = reduce(start('a', 0), approval('1', 'PENDING'), error, text(4, ' more'), end('a'));
  expect(reply).toMatchObject({ status: 'FAILED', reason: 'AGENT_ERROR', text: 'half' });
  expect(reply.steps.map((step) => step.status)).toEqual(['ended', 'CANCELLED']);
});

test('reduceReply adds a step once when its event is repeated', () => {
  expect(reduce(start('a', 0), start('a', 0)).steps).toHaveLength(1);
});

test('reduceReply shows failed attempts to reach the model until the next event of the task', () => {
  const retry = (attempt: number): ChatEvent => ({
    type: 'model-retry',
    taskId,
    reason: 'MODEL_RATE_LIMITED',
    attempt,
  });
  expect(reduce(retry(1), retry(2)).modelRetry).toEqual({ reason: 'MODEL_RATE_LIMITED', attempt: 2 });
  expect(reduce(retry(1), text(0, 'a'))).toEqual(reduce(text(0, 'a')));
  expect(reduce(retry(1), log({ type: 'completed', text: '' }), retry(2))).not.toHaveProperty('modelRetry');
});
