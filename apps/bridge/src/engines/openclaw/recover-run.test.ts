import { expect, test } from 'vitest';
import { type History, toRecoveredRun } from './recover-run.ts';

type Row = History['messages'][number];
const user = (key: string, kind?: string): Row => ({
  role: 'user',
  content: [{ type: 'text', text: 'hi' }],
  idempotencyKey: `${key}:user`,
  provenance: kind ? { kind } : undefined,
});
const assistant = (text: string, stopReason?: string, runId = 'task'): Row => ({
  role: 'assistant',
  content: [{ type: 'text', text }],
  stopReason,
  __openclaw: { runId },
});
const toolResult: Row = { role: 'toolResult', content: [{ type: 'text', text: 'output' }] };

const recalled = (messages: Row[], rest: Partial<History> = {}) => toRecoveredRun({ messages, ...rest }, 'task');

test('a task the gateway never had is unknown, whatever else it has', () => {
  expect(recalled([])).toEqual({ type: 'unknown' });
  expect(recalled([user('other'), assistant('x', 'stop')])).toEqual({ type: 'unknown' });
});

test('a finished reply is all the text of the task, and of no other', () => {
  const rows = [
    user('a'),
    assistant('old', 'stop'),
    user('task'),
    assistant('One.\n\n'),
    assistant('', 'toolUse'),
    toolResult,
  ];
  const next = [user('b'), assistant('new', 'stop')];
  const finished = { type: 'finished', text: 'One.\n\nTwo.' };
  expect(recalled([...rows, assistant('Two.', 'stop')])).toEqual(finished);
  expect(recalled([...rows, assistant('Two.', 'stop'), ...next])).toEqual(finished);
});

test('a run in flight is followed, under whichever name it goes on', () => {
  const rows = [user('task'), assistant('One.'), user('recovery', 'internal_system')];
  const inFlightRun = { runId: 'recovery', text: 'Two' };
  expect(recalled(rows, { inFlightRun })).toEqual({
    type: 'running',
    runId: 'recovery',
    before: 'One.',
    now: 'Two',
  });
  const active = { sessionInfo: { hasActiveRun: true } };
  expect(recalled(rows, active)).toEqual({ type: 'running', runId: null, before: 'One.', now: '' });
  const own = { inFlightRun: { runId: 'task', text: 'One.\n\nTwo' } };
  expect(recalled(rows, own)).toEqual({ type: 'running', runId: 'task', before: '', now: 'One.\n\nTwo' });
});

test('a run in flight before its message is in the history is followed too', () => {
  expect(recalled([], { inFlightRun: { runId: 'task', text: '' } })).toMatchObject({ type: 'running', runId: 'task' });
});

test('a task nobody goes on with is lost, and one whose model failed is failed', () => {
  expect(recalled([user('task')])).toEqual({ type: 'lost' });
  expect(recalled([user('task'), assistant('', 'toolUse'), toolResult])).toEqual({ type: 'lost' });
  expect(recalled([user('task'), assistant('half', 'error')])).toEqual({ type: 'failed', text: 'half', why: '' });
});
