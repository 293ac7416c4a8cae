import { expect, test } from 'vitest';
import { type History, toRecoveredRun } from './recover-run.ts';

type MessageRow = History['messages'][number];
const user = (key: string, kind?: string): MessageRow => ({
  role: 'user',
  content: [{ type: 'text', text: 'hi' }],
  idempotencyKey: `${key}:user`,
  provenance: kind ? { kind } : undefined,
});
const assistant = (text: string, stopReason?: string, runId = 'task'): MessageRow => ({
  role: 'assistant',
  content: [{ type: 'text', text }],
  stopReason,
  __openclaw: { runId },
});
const toolResult: MessageRow = { role: 'toolResult', content: [{ type: 'text', text: 'output' }] };

const recover = (messages: MessageRow[], rest: Partial<History> = {}) => toRecoveredRun({ messages, ...rest }, 'task');

test('a task is unknown if its message is not in the history', () => {
  expect(recover([])).toEqual({ type: 'unknown' });
  expect(recover([user('other'), assistant('x', 'stop')])).toEqual({ type: 'unknown' });
});

test('a finished task has the text of its own replies only', () => {
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
  expect(recover([...rows, assistant('Two.', 'stop')])).toEqual(finished);
  expect(recover([...rows, assistant('Two.', 'stop'), ...next])).toEqual(finished);
});

test('a run in flight is running, also under another run id', () => {
  const rows = [user('task'), assistant('One.'), user('recovery', 'internal_system')];
  const inFlightRun = { runId: 'recovery', text: 'Two' };
  expect(recover(rows, { inFlightRun })).toEqual({
    type: 'running',
    runId: 'recovery',
    previousText: 'One.',
    currentText: 'Two',
  });
  const active = { sessionInfo: { hasActiveRun: true } };
  expect(recover(rows, active)).toEqual({ type: 'running', runId: null, previousText: 'One.', currentText: '' });
  const sameRun = { inFlightRun: { runId: 'task', text: 'One.\n\nTwo' } };
  expect(recover(rows, sameRun)).toEqual({
    type: 'running',
    runId: 'task',
    previousText: '',
    currentText: 'One.\n\nTwo',
  });
});

test('a run in flight is running before its message is in the history', () => {
  expect(recover([], { inFlightRun: { runId: 'task', text: '' } })).toMatchObject({ type: 'running', runId: 'task' });
});

test('a task is lost if no run continues it, and failed if its model failed', () => {
  expect(recover([user('task')])).toEqual({ type: 'lost' });
  expect(recover([user('task'), assistant('', 'toolUse'), toolResult])).toEqual({ type: 'lost' });
  expect(recover([user('task'), assistant('half', 'error')])).toEqual({ type: 'failed', text: 'half', error: '' });
});

test('a task is failed if the restarted gateway continued it without the tools of the bridge', () => {
  const lost: MessageRow = {
    role: 'toolResult',
    content: [{ type: 'text', text: 'Tool it0__run_command not found' }],
  };
  const rows = [user('task'), assistant('', 'toolUse'), user('recovery', 'internal_system'), lost];
  expect(recover([...rows, assistant('`uptime` says: Tool it0__run_command not found', 'stop')])).toMatchObject({
    type: 'failed',
    error: expect.stringContaining('without its tools'),
  });
});
