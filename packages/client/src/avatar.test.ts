import { expect, test } from 'vitest';
import { createAvatar } from './avatar.ts';
import { emptyChat, reduceChat } from './reduce-chat.ts';
import { SessionLog } from './session-log.fixture.ts';

test('an avatar shows what its own chat does, step by step, and what came of it', () => {
  const log = new SessionLog();
  log.ask('t', 'r', 'Hello');
  let chat = reduceChat(emptyChat, log.after(0));
  const look = () => createAvatar({ ...chat, phase: 'ready' });
  const then = (...events: Parameters<SessionLog['append']> extends [string, ...infer Events] ? Events : never) => {
    chat = reduceChat(chat, log.append('t', ...events));
    return look();
  };
  const tool = { type: 'tool', callId: 'c', name: 'exec', title: 'uptime', textOffset: 0 } as const;
  expect(createAvatar({ ...emptyChat, phase: 'ready' })).toBe('idle');
  expect(look()).toBe('thinking');
  expect(then({ type: 'task', status: 'RUNNING' })).toBe('thinking');
  expect(then({ ...tool, phase: 'start' })).toBe('working');
  const approval = {
    type: 'approval',
    approvalId: 'a',
    command: 'rm',
    allowedDecisions: ['deny'],
    textOffset: 0,
  } as const;
  const asked = { ...approval, allowedDecisions: ['deny' as const], expiresAt: '2026-01-01T00:00:00.000Z' };
  expect(then({ ...asked, status: 'PENDING' })).toBe('waiting');
  expect(then({ ...asked, status: 'DENIED' })).toBe('working');
  expect(then({ type: 'tool', callId: 'c', phase: 'end', status: 'completed', output: '' })).toBe('thinking');
  expect(then({ type: 'completed', text: '' })).toBe('idle');
  expect(createAvatar({ ...chat, phase: 'refused' })).toBe('error');
});
