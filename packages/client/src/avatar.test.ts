import { expect, test } from 'vitest';
import { selectAvatarState } from './avatar.ts';
import { emptyChat, reduceChat } from './reduce-chat.ts';
import { SessionLog } from './session-log.fixture.ts';

test('selectAvatarState follows the steps of the open task and its outcome', () => {
  const log = new SessionLog();
  log.ask('t', 'r', 'Hello');
  let chat = reduceChat(emptyChat, log.after(0));
  const readState = () => selectAvatarState({ ...chat, phase: 'ready' });
  const applyEvents = (
    ...events: Parameters<SessionLog['append']> extends [string, ...infer Events] ? Events : never
  ) => {
    chat = reduceChat(chat, log.append('t', ...events));
    return readState();
  };
  const tool = { type: 'tool', callId: 'c', name: 'exec', title: 'uptime', textOffset: 0 } as const;
  expect(selectAvatarState({ ...emptyChat, phase: 'ready' })).toBe('idle');
  expect(readState()).toBe('thinking');
  expect(applyEvents({ type: 'task', status: 'RUNNING' })).toBe('thinking');
  expect(applyEvents({ ...tool, phase: 'start' })).toBe('working');
  const approval = {
    type: 'approval',
    approvalId: 'a',
    command: 'rm',
    allowedDecisions: ['deny'],
    textOffset: 0,
  } as const;
  const request = { ...approval, allowedDecisions: ['deny' as const], expiresAt: '2026-01-01T00:00:00.000Z' };
  expect(applyEvents({ ...request, status: 'PENDING' })).toBe('waiting');
  expect(applyEvents({ ...request, status: 'DENIED' })).toBe('working');
  expect(applyEvents({ type: 'tool', callId: 'c', phase: 'end', status: 'completed', output: '' })).toBe('thinking');
  expect(applyEvents({ type: 'completed', text: '' })).toBe('idle');
  expect(selectAvatarState({ ...chat, phase: 'refused' })).toBe('error');
});
