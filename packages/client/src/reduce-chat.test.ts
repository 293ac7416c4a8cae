import { type ChatEvent, isDurable } from '@it0/contracts/chat-event';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  acceptOutgoing,
  type Chat,
  emptyChat,
  findAnswer,
  type Outgoing,
  openChat,
  prependPage,
  reduceChat,
} from './reduce-chat.ts';
import { SessionLog } from './session-log.fixture.ts';

/** Returns the messages and replies as a person sees them, independent of how they were received. */
const toVisible = ({ turns }: Chat) =>
  turns.map((turn) => ({ question: turn.message?.text, answer: findAnswer(turn) }));

type Story = {
  deltas: string[];
  tool: boolean;
  approval: 'ALLOWED' | 'DENIED' | null;
  end: 'completed' | 'error' | null;
};
const story: fc.Arbitrary<Story> = fc.record({
  deltas: fc.array(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 }), { maxLength: 6 }),
  tool: fc.boolean(),
  approval: fc.constantFrom('ALLOWED', 'DENIED', null),
  end: fc.constantFrom('completed', 'error', null),
});

/** Appends one task to the log. */
function appendTask(log: SessionLog, taskId: string, { deltas, tool, approval, end }: Story) {
  log.ask(taskId, `r-${taskId}`, `question ${taskId}`);
  log.append(taskId, { type: 'task', status: 'DISPATCHED' }, { type: 'task', status: 'RUNNING' });
  let text = '';
  for (const delta of deltas) {
    log.append(taskId, { type: 'text', offset: text.length, delta });
    text += delta;
  }
  const textOffset = text.length;
  if (approval) {
    const base = { type: 'approval', approvalId: `a-${taskId}`, command: 'df', textOffset } as const;
    const request = { ...base, allowedDecisions: ['allow-once' as const], expiresAt: '2026-01-01T00:01:00.000Z' };
    log.append(taskId, { ...request, status: 'PENDING' }, { ...request, status: approval, decidedBy: 'Ada' });
  }
  if (tool) {
    const call = { type: 'tool', callId: `c-${taskId}` } as const;
    log.append(taskId, { ...call, phase: 'start', name: 'exec', title: 'df', textOffset });
    log.append(taskId, { type: 'progress', callId: call.callId, output: 'half' });
    log.append(taskId, { ...call, phase: 'end', status: 'completed', output: 'all of it', exitCode: 0 });
  }
  if (end === 'completed') log.append(taskId, { type: 'completed', text });
  if (end === 'error') log.append(taskId, { type: 'error', status: 'FAILED', reason: 'AGENT_ERROR', text });
}

/** Logs of tasks that run one after another. Only the last one can still be open. */
const session = fc.array(story, { minLength: 1, maxLength: 4 }).map((stories) => {
  const log = new SessionLog();
  stories.forEach((one, index) => {
    const last = index === stories.length - 1;
    appendTask(log, `t${index}`, last ? one : { ...one, end: one.end ?? 'completed' });
  });
  return log;
});

test('reduceChat returns the same chat for any batching and any repeated events', () => {
  fc.assert(
    fc.property(session, fc.array(fc.nat()), (log, cuts) => {
      const expected = reduceChat(emptyChat, log.events);
      let chat = emptyChat;
      let from = 0;
      for (const cut of [...cuts.map((n) => n % (log.events.length + 1)).sort((a, b) => a - b), log.events.length]) {
        const replayed = log.events.slice(0, from).filter(isDurable);
        chat = reduceChat(chat, [...replayed, ...log.events.slice(from, cut)]);
        from = cut;
      }
      expect(chat).toEqual(expected);
      expect(chat.stale).toBe(false);
      expect(chat.seq).toBe(log.seq);
    }),
  );
});

test('reduceChat never treats reordered or incomplete events as complete', () => {
  fc.assert(
    fc.property(session, fc.nat(), fc.nat(), (log, a, b) => {
      const durable = log.events.filter(isDurable);
      const lostIndex = a % durable.length;
      const shuffled: ChatEvent[] = durable.toSpliced(lostIndex, 1);
      if (b % 2) shuffled.splice(b % durable.length, 0, ...durable.slice(lostIndex, lostIndex + 1));
      const chat = reduceChat(emptyChat, shuffled);
      if (chat.seq === log.seq) expect(chat).toEqual(reduceChat(emptyChat, durable));
      else expect(chat.stale || chat.seq === durable.length - 1).toBe(true);
    }),
  );
});

test('openChat and the events after the page give the same chat at any event', () => {
  fc.assert(
    fc.property(session, fc.nat(), (log, n) => {
      const cut = n % (log.events.length + 1);
      const earlier = replay(log.events.slice(0, cut));
      const chat = reduceChat(openChat(earlier.history()), log.events.slice(cut));
      expect(chat.stale).toBe(false);
      expect(toVisible(chat)).toEqual(toVisible(reduceChat(emptyChat, log.events)));
    }),
  );
});

test('prependPage with all older pages gives the complete session', () => {
  fc.assert(
    fc.property(session, fc.integer({ min: 1, max: 3 }), (log, limit) => {
      let chat = openChat(log.history({ limit }));
      while (chat.olderCursor) chat = prependPage(chat, log.history({ cursor: chat.olderCursor, limit }));
      expect(toVisible(chat)).toEqual(toVisible(openChat(log.history())));
    }),
  );
});

test('prependPage joins a turn that the page boundary has split', () => {
  const log = new SessionLog();
  appendTask(log, 't0', { deltas: ['Hello'], tool: false, approval: null, end: 'completed' });
  const { messages, ...rest } = log.history();
  const newest = openChat({ ...rest, messages: messages.slice(1), nextCursor: '1' });
  expect(toVisible(newest)).toMatchObject([{ question: undefined, answer: { status: 'COMPLETED' } }]);
  expect(toVisible(prependPage(newest, { ...rest, messages: messages.slice(0, 1) }))).toEqual(
    toVisible(openChat(log.history())),
  );
});

test('reduceChat marks the chat as stale when text is missing before a delta', () => {
  const log = new SessionLog();
  log.ask('t0', 'r0', 'Hello');
  const chat = reduceChat(emptyChat, [...log.events, { type: 'text', taskId: 't0', offset: 5, delta: 'late' }]);
  expect(chat.stale).toBe(true);
});

const sent: Outgoing = {
  requestId: 'r0',
  text: 'Hello',
  createdAt: '2026-01-01T00:00:00.000Z',
  attachments: [],
  state: 'sending',
  reason: null,
};

test('acceptOutgoing adds one turn whether the response or the event comes first', () => {
  const log = new SessionLog();
  log.ask('t0', 'r0', 'Hello');
  const before = { ...emptyChat, outgoing: [sent] };
  const responseFirst = reduceChat(acceptOutgoing(before, sent, 't0'), log.events);
  const eventFirst = acceptOutgoing(reduceChat(before, log.events), sent, 't0');
  expect(responseFirst).toEqual(eventFirst);
  expect(responseFirst.turns.map(({ key }) => key)).toEqual(['r0']);
  expect(responseFirst.outgoing).toEqual([]);
});

test('reduceChat orders a message of another device as the log does', () => {
  const log = new SessionLog();
  log.ask('t-other', 'r-other', 'From the phone');
  log.ask('t0', 'r0', 'Hello');
  const chat = reduceChat(acceptOutgoing({ ...emptyChat, outgoing: [sent] }, sent, 't0'), log.events);
  expect(chat.turns.map(({ message }) => message?.text)).toEqual(['From the phone', 'Hello']);
});

/** Creates the log that these events give. */
function replay(events: ChatEvent[]) {
  const log = new SessionLog();
  for (const event of events) log.append(event.taskId, event);
  return log;
}
