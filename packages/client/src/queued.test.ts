import type { TaskStatus } from '@it0/contracts/chat-event';
import { expect, test } from 'vitest';
import { listQueued } from './queued.ts';
import { openChat, reduceChat } from './reduce-chat.ts';
import { SessionLog } from './session-log.fixture.ts';

/** Creates a session with a message for each status. */
function createSession(...statuses: TaskStatus[]) {
  const log = new SessionLog();
  for (const [index, status] of statuses.entries()) {
    const taskId = `t${index}`;
    log.ask(taskId, `r${index}`, `message ${index}`);
    if (status === 'RUNNING') log.append(taskId, { type: 'task', status });
    if (status === 'COMPLETED') log.append(taskId, { type: 'completed', text: 'done' });
    if (status === 'CANCELLED') log.append(taskId, { type: 'error', status, reason: 'CANCELLED_BY_USER', text: '' });
  }
  return log;
}
const list = (log: SessionLog) => listQueued(openChat(log.history())).map(({ taskId }) => taskId);

test('listQueued returns the messages behind the first open one', () => {
  expect(list(createSession())).toEqual([]);
  expect(list(createSession('COMPLETED', 'RUNNING'))).toEqual([]);
  expect(list(createSession('COMPLETED', 'RUNNING', 'QUEUED', 'QUEUED'))).toEqual(['t2', 't3']);
  expect(list(createSession('COMPLETED', 'QUEUED', 'QUEUED'))).toEqual(['t2']);
  expect(list(createSession('QUEUED', 'QUEUED'))).toEqual(['t1']);
  expect(list(createSession('RUNNING', 'CANCELLED', 'QUEUED', 'CANCELLED'))).toEqual(['t2']);
});

test('a message that is changed or moved in the queue has its new text and position, and its first time', () => {
  const log = createSession('RUNNING', 'QUEUED', 'QUEUED');
  const chat = openChat(log.history());
  const sentAt = chat.turns[1]!.message!.createdAt;
  const event = (taskId: string, text: string) =>
    ({ type: 'message', messageId: `m-${taskId}`, requestId: `r${taskId[1]}`, text }) as const;
  const [moved] = log.append('t1', event('t1', 'changed'));
  const next = reduceChat(chat, [{ ...moved!, at: '2030-01-01T00:00:00.000Z' } as typeof moved & object]);
  expect(listQueued(next).map(({ message }) => message.text)).toEqual(['message 2', 'changed']);
  expect(next.turns.at(-1)!.message!.createdAt).toBe(sentAt);
});
