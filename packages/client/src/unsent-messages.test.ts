import { expect, test, vi } from 'vitest';
import { type ChatOptions, createChatStore } from './chat-store.ts';
import { createMemoryDrafts } from './draft/local-drafts.ts';
import { MemorySource, requestError } from './memory-source.fixture.ts';
import { createMemoryMessages, MAX_OFFLINE_MS, MAX_STORED_MS } from './unsent-messages.ts';

/** Creates pages of one device. Their retries and saves run when the test calls `run`. */
function setUp() {
  const source = new MemorySource();
  source.session('s');
  const stored = { drafts: createMemoryDrafts(), messages: createMemoryMessages() };
  function openPage(options: ChatOptions = stored) {
    const due = new Set<() => void>();
    const schedule = (task: () => void) => {
      due.add(task);
      return () => void due.delete(task);
    };
    const chat = createChatStore(source, { ...options, retry: () => schedule, saveDelay: schedule, schedule });
    const run = () => {
      for (const task of [...due]) {
        due.delete(task);
        task();
      }
    };
    const states = () => chat.getState().outgoing.map(({ text, state }) => `${text} ${state}`);
    const until = (expected: string[]) =>
      vi.waitUntil(() => {
        if (states().join() === expected.join()) return true;
        run();
        return false;
      });
    return { chat, run, states, until };
  }
  const listSent = () => source.session('s').questions.map(({ parts }) => (parts[0] as { text: string }).text);
  const lose = (requests: number) => source.errors.push(...Array(requests).fill(requestError(null)));
  return { source, stored, openPage, listSent, lose };
}

test('messages that were not sent when the page was closed are sent by the next page, once and in order', async () => {
  const { source, stored, openPage, listSent } = setUp();
  const first = openPage();
  first.chat.open('s');
  await vi.waitUntil(() => first.chat.getState().phase === 'ready');
  const release = source.hold();
  first.chat.send('one');
  first.chat.send('two');
  first.chat.setDraft('three');
  expect(first.states()).toEqual(['one sending', 'two waiting']);

  const second = openPage();
  second.chat.open('s');
  expect(second.states()).toEqual(['one sending', 'two waiting']);
  expect(second.chat.getState().draft).toBe('three');
  release();
  await second.until([]);
  expect(listSent()).toEqual(['one', 'two']);
  expect(stored.messages.read()).toEqual([]);
});

test('a message that has waited for too long is shown by the next page, and its draft does not return', async () => {
  const { source, stored, openPage, listSent, lose } = setUp();
  const first = openPage();
  first.chat.open('s');
  await vi.waitUntil(() => first.chat.getState().phase === 'ready');
  first.chat.setDraft('restart');
  first.run();
  await vi.waitUntil(() => source.draft('s').text === 'restart');
  lose(1);
  first.chat.send('restart');
  const createdAt = new Date(Date.now() - MAX_OFFLINE_MS - 1_000).toISOString();
  stored.messages.write(stored.messages.read().map((message) => ({ ...message, createdAt })));

  const second = openPage();
  second.chat.open('s');
  await vi.waitUntil(() => second.chat.getState().phase === 'ready');
  expect(second.states()).toEqual(['restart failed']);
  expect(second.chat.getState().draft).toBe('');
  second.chat.resend(second.chat.getState().outgoing[0]!.requestId);
  await second.until([]);
  expect(listSent()).toEqual(['restart']);
  expect(source.draft('s').text).toBe('');
});

test('a message that was stored for a week is deleted', () => {
  const { stored, openPage, lose } = setUp();
  const first = openPage();
  lose(1);
  first.chat.startNew();
  first.chat.send('old');
  first.chat.send('new');
  const createdAt = new Date(Date.now() - MAX_STORED_MS - 1_000).toISOString();
  stored.messages.write(stored.messages.read().map((one) => (one.text === 'old' ? { ...one, createdAt } : one)));
  openPage();
  expect(stored.messages.read().map(({ text }) => text)).toEqual(['new']);
});

test('messages of a new session are shown with the next new session, and sent to one session', async () => {
  const { source, openPage } = setUp();
  const first = openPage();
  source.hold();
  first.chat.startNew();
  first.chat.send('one');
  first.chat.send('two');
  const second = openPage();
  const release = source.hold();
  second.chat.startNew();
  expect(second.states()).toEqual(['one sending', 'two waiting']);
  release();
  await second.until([]);
  expect([...source.sessions.keys()]).toEqual(['s', 's1']);
  expect(second.chat.getState().sessionId).toBe('s1');
});

test('a message that is withdrawn on one page is not sent by another one that waits for the server', async () => {
  const { source, openPage, listSent, lose } = setUp();
  const first = openPage();
  first.chat.open('s');
  await vi.waitUntil(() => first.chat.getState().phase === 'ready');
  lose(50);
  first.chat.send('one');
  await first.until(['one offline']);
  const second = openPage();
  second.chat.open('s');
  await second.until(['one offline']);
  second.chat.withdraw(second.chat.getState().outgoing[0]!.requestId);
  expect(second.chat.getState().draft).toBe('one');
  await first.until([]);
  expect(listSent()).toEqual([]);
  expect(source.tasks.size).toBe(0);
});

test('a message behind another one is not sent when it is withdrawn on another page', async () => {
  const { source, openPage, listSent, lose } = setUp();
  const first = openPage();
  first.chat.open('s');
  await vi.waitUntil(() => first.chat.getState().phase === 'ready');
  lose(50);
  first.chat.send('one');
  first.chat.send('two');
  await first.until(['one offline', 'two waiting']);
  const second = openPage();
  second.chat.open('s');
  await second.until(['one offline', 'two waiting']);
  second.chat.withdraw(second.chat.getState().outgoing[1]!.requestId);
  source.errors.length = 0;
  await first.until([]);
  expect(listSent()).toEqual(['one']);
});

test('a closed chat does not follow the session that its message has created', async () => {
  const { source, openPage } = setUp();
  const { chat } = openPage();
  const release = source.hold();
  chat.startNew();
  chat.send('one');
  chat.close();
  release();
  await vi.waitUntil(() => chat.getState().sessionId === 's1');
  expect(source.calls).toEqual(['createTask one']);
});
