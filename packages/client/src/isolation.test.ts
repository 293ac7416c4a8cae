import { until } from '@it0/tests/support/until';
import { expect, test } from 'vitest';
import { selectAvatarState } from './avatar.ts';
import { createChatStore } from './chat-store.ts';
import { MemorySource } from './memory-source.fixture.ts';
import { findAnswer } from './reduce-chat.ts';

const people = ['ada', 'bob'];
const agents = ['iAgent', 'one', 'two', 'three'];

/** Creates a chat of one person with one agent. Its sessions and tasks have the same ids as those of all other chats. */
function createChat(name: string) {
  const source = new MemorySource();
  const due: (() => void)[] = [];
  const chat = createChatStore(source, {
    schedule: (task) => {
      due.push(task);
      return () => void due.splice(due.indexOf(task) >>> 0, 1);
    },
  });
  const frame = () => due.splice(0).forEach((task) => void task());
  chat.startNew();
  chat.setDraft(`draft of ${name}`);
  chat.send(`question of ${name}`);
  return { name, source, chat, frame };
}

/** Serializes the whole state of a chat, which must not contain the name of another one. */
const serializeState = ({ chat }: ReturnType<typeof createChat>) => JSON.stringify(chat.getState());

test('chats of two people with four agents that stream at the same time do not mix', async () => {
  const names = people.flatMap((person) => agents.map((agent) => `${person}-${agent}`));
  const chats = names.map(createChat);
  for (const { chat, source } of chats) {
    await until(() => chat.getState().phase === 'ready' && source.following('s0').length === 1);
  }
  // Interleaves the chats, so that all of them are streaming all the time.
  const pieces = (name: string) => [`The `, `answer `, `of `, name, '.'];
  for (let at = 0; at < 5; at++) {
    for (const { name, source } of chats) {
      const offset = pieces(name).slice(0, at).join('').length;
      source.emit('s0', 't0', { type: 'text', offset, delta: pieces(name)[at]! });
    }
  }
  for (const one of chats) {
    const { name, chat, frame } = one;
    frame();
    const [turn] = chat.getState().turns;
    expect(turn?.message?.text).toBe(`question of ${name}`);
    expect(turn && findAnswer(turn)?.parts).toEqual([{ type: 'text', text: `The answer of ${name}.` }]);
    expect(chat.getState().draft).toBe(`draft of ${name}`);
    for (const other of names)
      if (other !== name) expect([name, serializeState(one).includes(other)]).toEqual([name, false]);
  }
});

test('events of one chat change neither the avatar nor the state of another', async () => {
  const chats = agents.map(createChat);
  for (const { chat, source } of chats) {
    await until(() => chat.getState().phase === 'ready' && source.following('s0').length === 1);
  }
  const avatars = () => chats.map(({ chat }) => selectAvatarState(chat.getState()));
  expect(avatars()).toEqual(['thinking', 'thinking', 'thinking', 'thinking']);
  const before = chats.map(({ chat }) => chat.getState());
  const tool = { type: 'tool', phase: 'start', callId: 'c', name: 'exec', title: 'df', textOffset: 0 } as const;
  chats[1]!.source.emit('s0', 't0', tool);
  chats[1]!.frame();
  expect(avatars()).toEqual(['thinking', 'working', 'thinking', 'thinking']);
  const end = { type: 'error', status: 'FAILED', reason: 'AGENT_ERROR', text: '' } as const;
  chats[2]!.source.emit('s0', 't0', end);
  chats[2]!.frame();
  chats[3]!.chat.close();
  expect(avatars()).toEqual(['thinking', 'working', 'error', 'thinking']);
  // The identical object proves that the state was not touched.
  expect(chats[0]!.chat.getState()).toBe(before[0]);
});
