import { createChatStore } from '@it0/client/chat-store';
import type { Turn } from '@it0/client/reduce-chat';
import { createReply } from '@it0/contracts/reply';
import { expect, test } from 'vitest';
import { listShownTurns } from './list-shown-turns.ts';

const createTurn = (taskId: string, reply: Partial<Turn['reply']> = {}, versions: string[] | null = null): Turn => ({
  ...{ key: taskId, taskId, storedReply: null, versions },
  message: { id: taskId, text: taskId, createdAt: '', attachments: [] },
  reply: { ...createReply(taskId), status: 'COMPLETED', ...reply },
});

const withdrawn = { status: 'CANCELLED', reason: 'WITHDRAWN' } as const;
const stopped = { status: 'CANCELLED', reason: 'CANCELLED_BY_USER' } as const;

function list(turns: Turn[], anchor?: string) {
  const source = {} as Parameters<typeof createChatStore>[0];
  const state = createChatStore(source).getInitialState();
  const target = anchor === undefined ? null : { taskId: anchor, isMarked: true };
  return listShownTurns({ ...state, turns, anchor: target }, true).map(({ taskId }) => taskId);
}

test('listShownTurns leaves out what was removed before the agent received it, and not what was stopped', () => {
  expect(list([createTurn('a'), createTurn('b', withdrawn), createTurn('c', stopped)])).toEqual(['a', 'c']);
});

test('listShownTurns has a removed message that a link leads to, or that other versions exist of', () => {
  const turns = [createTurn('a', withdrawn), createTurn('b', withdrawn, ['a0', 'b']), createTurn('c')];
  expect(list(turns)).toEqual(['b', 'c']);
  expect(list(turns, 'a')).toEqual(['a', 'b', 'c']);
});
