import type { ChatEvent } from '@it0/contracts/chat-event';
import { isDurable } from '@it0/contracts/event-kinds';
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
  turns.map((turn) => ({ question: turn.message?.text, versions: turn.versions, answer: findAnswer(turn) }));

type Story = {
  /** What is sent: the next message, or another version of the nth message so far. */
  versionOf: number | null;
  deltas: string[];
  tool: boolean;
  approval: 'ALLOWED' | 'DENIED' | null;
  end: 'completed' | 'error' | null;
};
const story: fc.Arbitrary<Story> = fc.record({
  versionOf: fc.oneof({ weight: 2, arbitrary: fc.constant(null) }, fc.nat()),
  deltas: fc.array(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 }), { maxLength: 6 }),
  tool: fc.boolean(),
  approval: fc.constantFrom('ALLOWED', 'DENIED', null),
  end: fc.constantFrom('completed', 'error', null),
});

/** Appends one task to the log. */
function appendTask(log: SessionLog, taskId: string, { versionOf, deltas, tool, approval, end }: Story) {
  const shown = log.list(log.selectedBranch);
  const version = versionOf === null ? undefined : shown[versionOf % shown.length]?.taskId;
  log.ask(taskId, `r-${taskId}`, `question ${taskId}`, { versionOf: version });
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
  appendTask(log, 't0', { versionOf: null, deltas: ['Hello'], tool: false, approval: null, end: 'completed' });
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

const accepted = { taskId: 't0', branch: 0 };

test('acceptOutgoing adds one turn whether the response or the event comes first', () => {
  const log = new SessionLog();
  log.ask('t0', 'r0', 'Hello');
  const before = { ...emptyChat, outgoing: [sent] };
  const responseFirst = reduceChat(acceptOutgoing(before, sent, accepted), log.events);
  const eventFirst = acceptOutgoing(reduceChat(before, log.events), sent, accepted);
  expect(responseFirst).toEqual(eventFirst);
  expect(responseFirst.turns.map(({ key }) => key)).toEqual(['r0']);
  expect(responseFirst.outgoing).toEqual([]);
});

test('reduceChat orders a message of another device as the log does', () => {
  const log = new SessionLog();
  log.ask('t-other', 'r-other', 'From the phone');
  log.ask('t0', 'r0', 'Hello');
  const chat = reduceChat(acceptOutgoing({ ...emptyChat, outgoing: [sent] }, sent, accepted), log.events);
  expect(chat.turns.map(({ message }) => message?.text)).toEqual(['From the phone', 'Hello']);
});

test('acceptOutgoing and the event of another version give the same chat in any order', () => {
  const log = new SessionLog();
  for (const taskId of ['t0', 't1', 't2']) log.ask(taskId, `r-${taskId}`, taskId);
  const version = { ...sent, requestId: 'r3', text: 'Hello again', versionOf: 't1' };
  const before = { ...openChat(log.history()), outgoing: [version] };
  const events = log.ask('t3', 'r3', 'Hello again', { versionOf: 't1' });
  const task = { taskId: 't3', branch: 1 };
  const responseFirst = reduceChat(acceptOutgoing(before, version, task), events);
  expect(responseFirst).toEqual(acceptOutgoing(reduceChat(before, events), version, task));
  expect(responseFirst).toMatchObject({ branch: 1, outgoing: [], stale: false });
  expect(responseFirst.turns.map(({ taskId, versions }) => [taskId, versions])).toEqual([
    ['t0', null],
    ['t3', ['t1', 't3']],
  ]);
  expect(responseFirst.otherReplies.map(({ taskId }) => taskId)).toEqual(['t1', 't2']);
});

test('a chat that shows a branch that is not selected stays there', () => {
  const log = new SessionLog();
  log.ask('t0', 'r0', 'Hello');
  log.ask('t1', 'r1', 'Hello again', { versionOf: 't0' });
  const chat = reduceChat(openChat(log.history({ branchOf: 't0' })), log.ask('t2', 'r2', 'Hi', { versionOf: 't1' }));
  expect(chat.turns.map(({ taskId, versions }) => [taskId, versions])).toEqual([['t0', ['t0', 't1', 't2']]]);
  expect(chat).toMatchObject({ branch: 0, isSelected: false, stale: false });
});

test('the selection of another branch makes a chat stale that showed the one selected before', () => {
  const log = new SessionLog();
  log.ask('t0', 'r0', 'Hello');
  log.ask('t1', 'r1', 'Hello again', { versionOf: 't0' });
  const [before, other] = [openChat(log.history()), openChat(log.history({ branchOf: 't0' }))];
  const events = log.append('t0', { type: 'branch', branch: 0 });
  expect(reduceChat(before, events).stale).toBe(true);
  expect(reduceChat(other, events)).toMatchObject({ isSelected: true, stale: false });
});

/** Creates the log that these events give. */
function replay(events: ChatEvent[]) {
  const log = new SessionLog();
  for (const event of events) log.append(event.taskId, event);
  return log;
}
