import { expect, test, vi } from 'vitest';
import { createAvatar } from './avatar.ts';
import { createChatStore } from './chat-store.ts';
import { MemorySource } from './memory-source.fixture.ts';
import { findAnswer } from './reduce-chat.ts';

const people = ['ada', 'bob'];
const agents = ['iAgent', 'one', 'two', 'three'];

/** A chat of one person with one agent, whose source, sessions and tasks are called as everybody else's are. */
function chatOf(name: string) {
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

/** All that a chat shows: a name that is not its own must not be in it. */
const shownIn = ({ chat }: ReturnType<typeof chatOf>) => JSON.stringify(chat.getState());

test('iAgent and three instances stream at once for two people, and nothing of one is in another', async () => {
  const names = people.flatMap((person) => agents.map((agent) => `${person}-${agent}`));
  const chats = names.map(chatOf);
  for (const { chat, source } of chats) {
    await vi.waitUntil(() => chat.getState().phase === 'ready' && source.following('s0').length === 1);
  }
  // One piece for each, again and again, so that all of them are under way all the time.
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
    for (const other of names) if (other !== name) expect([name, shownIn(one).includes(other)]).toEqual([name, false]);
  }
});

test('what happens to one chat changes neither the face nor the state of any other', async () => {
  const chats = agents.map(chatOf);
  for (const { chat, source } of chats) {
    await vi.waitUntil(() => chat.getState().phase === 'ready' && source.following('s0').length === 1);
  }
  const faces = () => chats.map(({ chat }) => createAvatar(chat.getState()));
  expect(faces()).toEqual(['thinking', 'thinking', 'thinking', 'thinking']);
  const before = chats.map(({ chat }) => chat.getState());
  const tool = { type: 'tool', phase: 'start', callId: 'c', name: 'exec', title: 'df', textOffset: 0 } as const;
  chats[1]!.source.emit('s0', 't0', tool);
  chats[1]!.frame();
  expect(faces()).toEqual(['thinking', 'working', 'thinking', 'thinking']);
  const end = { type: 'error', status: 'FAILED', reason: 'AGENT_ERROR', text: '' } as const;
  chats[2]!.source.emit('s0', 't0', end);
  chats[2]!.frame();
  chats[3]!.chat.close();
  expect(faces()).toEqual(['thinking', 'working', 'error', 'thinking']);
  // iAgent's is the very same object as before: nothing of it was even looked at.
  expect(chats[0]!.chat.getState()).toBe(before[0]);
});
