import type { Attachment } from '@it0/contracts/attachment';
import { until } from '@it0/tests/support/until';
import { expect, test } from 'vitest';
import { MemorySource, requestError } from './memory-source.fixture.ts';
import { createSendQueue } from './send-queue.ts';
import { createThread, type Thread } from './thread.ts';
import { createMemoryMessages, createUnsentMessages } from './unsent-messages.ts';

/** Creates a queue whose retries run when the test calls `retry`. */
function setUp() {
  const source = new MemorySource();
  const retries: { attempt: number; run: () => void }[] = [];
  const created: string[] = [];
  const clock = { now: 0 };
  const queue = createSendQueue({
    createTask: (task) => source.createTask(task),
    unsent: createUnsentMessages(createMemoryMessages()),
    retry: (attempt) => (run) => {
      retries.push({ attempt, run });
      return () => {};
    },
    update: (thread, change) => {
      thread.chat = change(thread.chat);
    },
    now: () => clock.now,
    onSession: (thread, sessionId) => {
      created.push(sessionId);
      thread.sessionId = sessionId;
    },
  });
  const retry = async () => {
    await until(() => retries.length > 0);
    const { attempt, run } = retries.shift()!;
    run();
    return attempt;
  };
  return { source, queue, retries, retry, created, clock };
}

const states = ({ chat }: Thread) => chat.outgoing.map(({ text, state }) => `${text} ${state}`);
const isSent = ({ chat }: Thread) => chat.outgoing.length === 0;

test('messages of one thread are sent one after another, the later ones to the session that the first has created', async () => {
  const { source, queue, created } = setUp();
  const thread = createThread(null);
  const release = source.hold();
  queue.add(thread, { text: 'one', attachments: [] });
  queue.add(thread, { text: 'two', attachments: [] });
  queue.add(thread, { text: 'three', attachments: [] });
  expect(states(thread)).toEqual(['one sending', 'two waiting', 'three waiting']);
  expect(source.calls).toEqual(['createTask one']);
  release();
  await until(() => isSent(thread));
  expect(source.calls).toEqual(['createTask one', 'createTask two', 'createTask three']);
  expect(created).toEqual(['s0']);
  expect(thread.chat.turns.map(({ message }) => message?.text)).toEqual(['one', 'two', 'three']);
});

test('threads do not wait for each other', async () => {
  const { source, queue } = setUp();
  const [first, second] = [createThread('a'), createThread('b')];
  source.errors.push(requestError('INSTANCE_NOT_RUNNING'));
  queue.add(first, { text: 'one', attachments: [] });
  queue.add(second, { text: 'two', attachments: [] });
  await until(() => isSent(second));
  expect(states(first)).toEqual(['one failed']);
});

test('a message keeps its requestId and its attachments over all retries', async () => {
  const { source, queue, retry } = setUp();
  const thread = createThread('s');
  source.errors.push(requestError(null), requestError('SHUTTING_DOWN'), requestError('INTERNAL'));
  queue.add(thread, { text: 'Hello', attachments: [{ id: 'a1' } as Attachment] });
  const { requestId } = thread.chat.outgoing[0]!;
  expect([await retry(), await retry(), await retry()]).toEqual([0, 1, 2]);
  await until(() => isSent(thread));
  expect([...source.tasks.keys()]).toEqual([requestId]);
  expect([...source.attached.values()]).toEqual([['a1']]);
});

test('a message fails after four retries, and without any when a retry would not help', async () => {
  const { source, queue, retry, retries } = setUp();
  const thread = createThread('s');
  source.errors.push(...Array(5).fill(requestError('INTERNAL')), requestError('TOO_MANY_REQUESTS'));
  queue.add(thread, { text: 'Hello', attachments: [] });
  for (const attempt of [0, 1, 2, 3]) expect(await retry()).toBe(attempt);
  await until(() => states(thread)[0] === 'Hello failed');
  expect(thread.chat.outgoing[0]!.reason).toBe('INTERNAL');
  queue.resend(thread, thread.chat.outgoing[0]!.requestId);
  await until(() => states(thread)[0] === 'Hello failed');
  expect(thread.chat.outgoing[0]!.reason).toBe('TOO_MANY_REQUESTS');
  expect(retries).toEqual([]);
});

test('a failed message blocks the next ones until it is withdrawn, and one that is being sent cannot be', async () => {
  const { source, queue } = setUp();
  const thread = createThread('s');
  source.errors.push(requestError('INSTANCE_NOT_RUNNING'));
  queue.add(thread, { text: 'one', attachments: [] });
  queue.add(thread, { text: 'two', attachments: [] });
  await until(() => states(thread)[0] === 'one failed');
  expect(states(thread)).toEqual(['one failed', 'two waiting']);
  const [one, two] = thread.chat.outgoing.map(({ requestId }) => requestId);
  expect(queue.withdraw(thread, one!)).toMatchObject({ text: 'one' });
  expect(states(thread)).toEqual(['two sending']);
  expect(queue.withdraw(thread, two!)).toBeUndefined();
  await until(() => isSent(thread));
  expect(queue.withdraw(thread, two!)).toBeUndefined();
  expect(source.calls).toEqual(['createTask one', 'createTask two']);
});

test('a message waits while the server cannot be reached, and is sent when it is back', async () => {
  const { source, queue, retry } = setUp();
  const thread = createThread('s');
  source.errors.push(...Array(9).fill(requestError(null)));
  queue.add(thread, { text: 'one', attachments: [] });
  queue.add(thread, { text: 'two', attachments: [] });
  for (let attempt = 0; attempt < 5; attempt++) await retry();
  await until(() => states(thread)[0] === 'one offline');
  expect(states(thread)).toEqual(['one offline', 'two waiting']);
  for (let attempt = 5; attempt < 9; attempt++) await retry();
  await until(() => isSent(thread));
  expect(thread.chat.turns.map(({ message }) => message?.text)).toEqual(['one', 'two']);
});

test('a message that waits for the server can be taken back', async () => {
  const { source, queue, retry } = setUp();
  const thread = createThread('s');
  source.errors.push(...Array(5).fill(requestError(null)));
  queue.add(thread, { text: 'one', attachments: [] });
  queue.add(thread, { text: 'two', attachments: [] });
  for (let attempt = 0; attempt < 4; attempt++) await retry();
  await until(() => states(thread)[0] === 'one offline');
  expect(queue.withdraw(thread, thread.chat.outgoing[0]!.requestId)?.text).toBe('one');
  await retry();
  await until(() => isSent(thread));
  expect(thread.chat.turns.map(({ message }) => message?.text)).toEqual(['two']);
});

test('a message is not sent any more when the server was away for long', async () => {
  const { source, queue, retry, clock } = setUp();
  const thread = createThread('s');
  source.errors.push(...Array(5).fill(requestError(null)));
  queue.add(thread, { text: 'one', attachments: [] });
  for (let attempt = 0; attempt < 4; attempt++) await retry();
  await until(() => states(thread)[0] === 'one offline');
  clock.now += 8 * 3_600_000;
  await retry();
  await until(() => states(thread)[0] === 'one failed');
  expect(source.calls.filter((call) => call === 'createTask one')).toHaveLength(5);
});
