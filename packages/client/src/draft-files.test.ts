import { limits } from '@it0/contracts/limits';
import { expect, test, vi } from 'vitest';
import { createChatStore } from './chat-store.ts';
import { areSendable, areTooMany } from './draft-files.ts';
import { MemorySource, refusal } from './memory-source.fixture.ts';

function setUp() {
  const source = new MemorySource();
  const chat = createChatStore(source);
  chat.startNew();
  const states = () => chat.getState().files.map(({ name, state }) => [name, state]);
  const settled = () => vi.waitUntil(() => chat.getState().files.every(({ state }) => state !== 'uploading'));
  return { source, chat, states, settled };
}
const file = (name: string, size = 3) => new File(['x'.repeat(size)], name);

test('files are uploaded while one writes, and go with the message', async () => {
  const { source, chat, states, settled } = setUp();
  chat.attach([file('a.txt'), file('b.txt')]);
  expect(chat.getState().files).toMatchObject([{ progress: 0.5, state: 'uploading' }, { size: 3 }]);
  expect(areSendable(chat.getState().files)).toBe(false);
  await settled();
  expect(areSendable(chat.getState().files)).toBe(true);
  chat.send('Hello');
  expect(states()).toEqual([]);
  await vi.waitUntil(() => chat.getState().turns.length > 0);
  expect([...source.attached.values()]).toEqual([['a1', 'a2']]);
  expect(chat.getState().turns[0]?.message?.attachments).toMatchObject([{ name: 'a.txt' }, { name: 'b.txt' }]);
});

test('an upload that fails tells why, and can be tried again', async () => {
  const { source, chat, states, settled } = setUp();
  source.failing.push(refusal('ATTACHMENT_TYPE_REFUSED'), refusal(null));
  chat.attach([file('a.exe'), file('b.txt')]);
  await settled();
  expect(chat.getState().files).toMatchObject([
    { state: 'failed', reason: 'ATTACHMENT_TYPE_REFUSED' },
    { state: 'failed', reason: null },
  ]);
  chat.attachAgain(chat.getState().files[1]!.key);
  await settled();
  chat.detach(chat.getState().files[0]!.key);
  expect(states()).toEqual([['b.txt', 'ready']]);
});

test('a file that is removed is uploaded no further', async () => {
  const { source, chat, states } = setUp();
  const release = source.hold();
  chat.attach([file('a.txt')]);
  chat.detach(chat.getState().files[0]!.key);
  expect(source.uploads[0]?.stop.aborted).toBe(true);
  release();
  expect(states()).toEqual([]);
});

test('files belong to the session they were added in, and stay with it when it gets its id', async () => {
  const { source, chat, states, settled } = setUp();
  source.session('other').ask('t', 'r', 'Elsewhere');
  chat.attach([file('new.txt')]);
  await settled();
  chat.open('other');
  expect(states()).toEqual([]);
  chat.attach([file('other.txt')]);
  await settled();
  chat.startNew();
  expect(states()).toEqual([['new.txt', 'ready']]);
  chat.send('Hello');
  chat.attach([file('later.txt')]);
  await vi.waitUntil(() => chat.getState().sessionId !== null);
  await settled();
  expect(states()).toEqual([['later.txt', 'ready']]);
  chat.open('other');
  expect(states()).toEqual([['other.txt', 'ready']]);
});

test('a message that failed is sent again with its files, and one that is taken back has them again', async () => {
  const { source, chat, states, settled } = setUp();
  chat.attach([file('a.txt')]);
  await settled();
  source.failing.push(refusal('INSTANCE_NOT_RUNNING'), refusal('INSTANCE_NOT_RUNNING'));
  chat.send('Hello');
  await vi.waitUntil(() => chat.getState().outgoing[0]?.state === 'failed');
  const { requestId } = chat.getState().outgoing[0]!;
  chat.resend(requestId);
  await vi.waitUntil(() => chat.getState().outgoing[0]?.state === 'failed');
  chat.takeBack(requestId);
  expect(chat.getState().draft).toBe('Hello');
  expect(states()).toEqual([['a.txt', 'ready']]);
  chat.send('Hello');
  await vi.waitUntil(() => chat.getState().turns.length > 0);
  expect([...source.attached.values()]).toEqual([['a1']]);
});

test('what is more than one message takes is told before it is sent', async () => {
  const { source, chat, settled } = setUp();
  chat.attach([file('large.txt', limits.attachmentBytes + 1)]);
  await settled();
  expect(chat.getState().files).toMatchObject([{ state: 'failed', reason: 'ATTACHMENT_TOO_LARGE' }]);
  expect(source.uploads).toEqual([]);
  chat.detach(chat.getState().files[0]!.key);
  chat.attach(Array.from({ length: limits.attachments + 1 }, () => file('a.txt')));
  await settled();
  expect([areTooMany(chat.getState().files), areSendable(chat.getState().files)]).toEqual([true, false]);
});
