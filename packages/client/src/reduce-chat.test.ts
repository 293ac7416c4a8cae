import { type ChatEvent, isDurable } from '@it0/contracts/chat-event';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  accepted,
  type Chat,
  emptyChat,
  findAnswer,
  type Outgoing,
  openChat,
  reduceChat,
  withOlder,
} from './reduce-chat.ts';
import { SessionLog } from './session-log.fixture.ts';

/** What a person sees: the questions and the answers, whichever way they came. */
const seen = ({ turns }: Chat) => turns.map((turn) => ({ question: turn.message?.text, answer: findAnswer(turn) }));

type Story = { say: string[]; tool: boolean; approval: 'ALLOWED' | 'DENIED' | null; end: 'completed' | 'error' | null };
const story: fc.Arbitrary<Story> = fc.record({
  say: fc.array(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 }), { maxLength: 6 }),
  tool: fc.boolean(),
  approval: fc.constantFrom('ALLOWED', 'DENIED', null),
  end: fc.constantFrom('completed', 'error', null),
});

/** Tasks one after another; only the last may still be running. */
function tell(log: SessionLog, taskId: string, { say, tool, approval, end }: Story) {
  log.ask(taskId, `r-${taskId}`, `question ${taskId}`);
  log.append(taskId, { type: 'task', status: 'DISPATCHED' }, { type: 'task', status: 'RUNNING' });
  let text = '';
  for (const delta of say) {
    log.append(taskId, { type: 'text', offset: text.length, delta });
    text += delta;
  }
  const textOffset = text.length;
  if (approval) {
    const asked = { type: 'approval', approvalId: `a-${taskId}`, command: 'df', textOffset } as const;
    const question = { ...asked, allowedDecisions: ['allow-once' as const], expiresAt: '2026-01-01T00:01:00.000Z' };
    log.append(taskId, { ...question, status: 'PENDING' }, { ...question, status: approval, decidedBy: 'Ada' });
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

const session = fc.array(story, { minLength: 1, maxLength: 4 }).map((stories) => {
  const log = new SessionLog();
  stories.forEach((one, index) => {
    const last = index === stories.length - 1;
    tell(log, `t${index}`, last ? one : { ...one, end: one.end ?? 'completed' });
  });
  return log;
});

test('any batching, with any of the past replayed in between, tells the same', () => {
  fc.assert(
    fc.property(session, fc.array(fc.nat()), (log, cuts) => {
      const whole = reduceChat(emptyChat, log.events);
      let chat = emptyChat;
      let from = 0;
      for (const cut of [...cuts.map((n) => n % (log.events.length + 1)).sort((a, b) => a - b), log.events.length]) {
        const replayed = log.events.slice(0, from).filter(isDurable);
        chat = reduceChat(chat, [...replayed, ...log.events.slice(from, cut)]);
        from = cut;
      }
      expect(chat).toEqual(whole);
      expect(chat.stale).toBe(false);
      expect(chat.seq).toBe(log.seq);
    }),
  );
});

test('events in the wrong order, or with one lost, never pass for the whole', () => {
  fc.assert(
    fc.property(session, fc.nat(), fc.nat(), (log, a, b) => {
      const durable = log.events.filter(isDurable);
      const lost = a % durable.length;
      const shuffled: ChatEvent[] = durable.toSpliced(lost, 1);
      if (b % 2) shuffled.splice(b % durable.length, 0, ...durable.slice(lost, lost + 1));
      const chat = reduceChat(emptyChat, shuffled);
      if (chat.seq === log.seq) expect(chat).toEqual(reduceChat(emptyChat, durable));
      else expect(chat.stale || chat.seq === durable.length - 1).toBe(true);
    }),
  );
});

test('history and what follows it join at any event', () => {
  fc.assert(
    fc.property(session, fc.nat(), (log, n) => {
      const cut = n % (log.events.length + 1);
      const past = replay(log.events.slice(0, cut));
      const chat = reduceChat(openChat(past.history()), log.events.slice(cut));
      expect(chat.stale).toBe(false);
      expect(seen(chat)).toEqual(seen(reduceChat(emptyChat, log.events)));
    }),
  );
});

test('pages of the past, loaded one by one, make the session whole', () => {
  fc.assert(
    fc.property(session, fc.integer({ min: 1, max: 3 }), (log, limit) => {
      let chat = openChat(log.history({ limit }));
      while (chat.older) chat = withOlder(chat, log.history({ cursor: chat.older, limit }));
      expect(seen(chat)).toEqual(seen(openChat(log.history())));
    }),
  );
});

test('a page that ends between a question and its answer leaves one turn', () => {
  const log = new SessionLog();
  tell(log, 't0', { say: ['Hello'], tool: false, approval: null, end: 'completed' });
  const { messages, ...rest } = log.history();
  const newest = openChat({ ...rest, messages: messages.slice(1), nextCursor: '1' });
  expect(seen(newest)).toMatchObject([{ question: undefined, answer: { status: 'COMPLETED' } }]);
  expect(seen(withOlder(newest, { ...rest, messages: messages.slice(0, 1) }))).toEqual(seen(openChat(log.history())));
});

test('a piece of text beyond the end of what is known asks for a reload', () => {
  const log = new SessionLog();
  log.ask('t0', 'r0', 'Hello');
  const chat = reduceChat(emptyChat, [...log.events, { type: 'text', taskId: 't0', offset: 5, delta: 'late' }]);
  expect(chat.stale).toBe(true);
});

const sent: Outgoing = {
  requestId: 'r0',
  text: 'Hello',
  createdAt: 'then',
  attachments: [],
  state: 'sending',
  reason: null,
};

test('a message is one row, whether its answer or its event comes first', () => {
  const log = new SessionLog();
  log.ask('t0', 'r0', 'Hello');
  const before = { ...emptyChat, outgoing: [sent] };
  const answerFirst = reduceChat(accepted(before, sent, 't0'), log.events);
  const eventFirst = accepted(reduceChat(before, log.events), sent, 't0');
  expect(answerFirst).toEqual(eventFirst);
  expect(answerFirst.turns.map(({ key }) => key)).toEqual(['r0']);
  expect(answerFirst.outgoing).toEqual([]);
});

test('a message that another device sent meanwhile stands where the log has it', () => {
  const log = new SessionLog();
  log.ask('t-other', 'r-other', 'From the phone');
  log.ask('t0', 'r0', 'Hello');
  const chat = reduceChat(accepted({ ...emptyChat, outgoing: [sent] }, sent, 't0'), log.events);
  expect(chat.turns.map(({ message }) => message?.text)).toEqual(['From the phone', 'Hello']);
});

/** The log as it stood after these events. */
function replay(events: ChatEvent[]) {
  const log = new SessionLog();
  for (const event of events) log.append(event.taskId, event);
  return log;
}
