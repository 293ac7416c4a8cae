import { limits } from '@it0/contracts/limits';
import { until } from '@it0/tests/support/until';
import { expect, test } from 'vitest';
import { createChatStore } from '../chat-store.ts';
import { MemorySource, requestError } from '../memory-source.fixture.ts';
import { canSendFiles, exceedsFileLimits } from './draft-files.ts';

function setUp() {
  const source = new MemorySource();
  const chat = createChatStore(source);
  chat.startNew();
  const states = () => chat.getState().files.map(({ name, state }) => [name, state]);
  const settled = () => until(() => chat.getState().files.every(({ state }) => state !== 'uploading'));
  return { source, chat, states, settled };
}
const file = (name: string, size = 3) => new File(['x'.repeat(size)], name);

test('attach uploads files immediately, and send includes them in the message', async () => {
  const { source, chat, states, settled } = setUp();
  chat.attach([file('a.txt'), file('b.txt')]);
  expect(chat.getState().files).toMatchObject([{ progress: 0.5, state: 'uploading' }, { size: 3 }]);
  expect(canSendFiles(chat.getState().files)).toBe(false);
  await settled();
  expect(canSendFiles(chat.getState().files)).toBe(true);
  chat.send('Hello');
  expect(states()).toEqual([]);
  await until(() => chat.getState().turns.length > 0);
  expect([...source.attached.values()]).toEqual([['a1', 'a2']]);
  expect(chat.getState().turns[0]?.message?.attachments).toMatchObject([{ name: 'a.txt' }, { name: 'b.txt' }]);
});

test('a failed upload has a reason and can be retried', async () => {
  const { source, chat, states, settled } = setUp();
  source.errors.push(requestError('ATTACHMENT_TYPE_REFUSED'), requestError(null));
  chat.attach([file('a.exe'), file('b.txt')]);
  await settled();
  expect(chat.getState().files).toMatchObject([
    { state: 'failed', reason: 'ATTACHMENT_TYPE_REFUSED' },
    { state: 'failed', reason: null },
  ]);
  chat.retryAttachment(chat.getState().files[1]!.key);
  await settled();
  chat.detach(chat.getState().files[0]!.key);
  expect(states()).toEqual([['b.txt', 'ready']]);
});

test('detach aborts the upload', async () => {
  const { source, chat, states } = setUp();
  const release = source.hold();
  chat.attach([file('a.txt')]);
  chat.detach(chat.getState().files[0]!.key);
  expect(source.uploads[0]?.signal.aborted).toBe(true);
  release();
  expect(states()).toEqual([]);
});

test('files stay with the session in which they were added, also when it gets its id', async () => {
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
  await until(() => chat.getState().sessionId !== null);
  await settled();
  expect(states()).toEqual([['later.txt', 'ready']]);
  chat.open('other');
  expect(states()).toEqual([['other.txt', 'ready']]);
});

test('resend keeps the files of a failed message, and withdraw returns them to the draft', async () => {
  const { source, chat, states, settled } = setUp();
  chat.attach([file('a.txt')]);
  await settled();
  source.errors.push(requestError('INSTANCE_NOT_RUNNING'), requestError('INSTANCE_NOT_RUNNING'));
  chat.send('Hello');
  await until(() => chat.getState().outgoing[0]?.state === 'failed');
  const { requestId } = chat.getState().outgoing[0]!;
  chat.resend(requestId);
  await until(() => chat.getState().outgoing[0]?.state === 'failed');
  chat.withdraw(requestId);
  expect(chat.getState().draft).toBe('Hello');
  expect(states()).toEqual([['a.txt', 'ready']]);
  chat.send('Hello');
  await until(() => chat.getState().turns.length > 0);
  expect([...source.attached.values()]).toEqual([['a1']]);
});

test('files over the limits of a message are reported before it is sent', async () => {
  const { source, chat, settled } = setUp();
  chat.attach([file('large.txt', limits.attachmentBytes + 1)]);
  await settled();
  expect(chat.getState().files).toMatchObject([{ state: 'failed', reason: 'ATTACHMENT_TOO_LARGE' }]);
  expect(source.uploads).toEqual([]);
  chat.detach(chat.getState().files[0]!.key);
  chat.attach(Array.from({ length: limits.attachments + 1 }, () => file('a.txt')));
  await settled();
  expect([exceedsFileLimits(chat.getState().files), canSendFiles(chat.getState().files)]).toEqual([true, false]);
});
