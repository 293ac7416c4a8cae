import { until } from '@it0/tests/support/until';
import { expect, test, vi } from 'vitest';
import { type ChatState, createChatStore } from './chat-store.ts';
import { getShownTurns } from './chat-view.ts';
import { MemorySource, requestError } from './memory-source.fixture.ts';
import { findAnswer } from './reduce-chat.ts';

/** Creates a chat whose frames and retries run when the test calls `frame`. */
function setUp() {
  const source = new MemorySource();
  const due: (() => void)[] = [];
  const schedule = (task: () => void) => {
    due.push(task);
    return () => void due.splice(due.indexOf(task) >>> 0, 1);
  };
  const chat = createChatStore(source, { schedule, retry: () => schedule });
  const frame = () => due.splice(0).forEach((task) => void task());
  const untilState = (is: (state: ChatState) => boolean) => until(() => is(chat.getState()));
  const texts = () => chat.getState().turns.map(({ message }) => message?.text);
  const answers = () =>
    chat.getState().turns.map((turn) =>
      findAnswer(turn)
        ?.parts.map((part) => part.type === 'text' && part.text)
        .join(''),
    );
  return { source, chat, frame, due, untilState, texts, answers };
}

test('send creates the session with the first message, and the reply is streamed', async () => {
  const { source, chat, frame, untilState, texts, answers } = setUp();
  chat.startNew();
  chat.send('Hello');
  expect(chat.getState().outgoing).toMatchObject([{ text: 'Hello', state: 'sending' }]);
  await untilState(({ phase, sessionId }) => phase === 'ready' && sessionId === 's0');
  await until(() => source.following('s0').length === 1);
  source.emit('s0', 't0', { type: 'task', status: 'RUNNING' }, { type: 'text', offset: 0, delta: 'Hi ' });
  source.emit('s0', 't0', { type: 'text', offset: 3, delta: 'there' });
  expect(answers()).toEqual(['']);
  frame();
  expect(texts()).toEqual(['Hello']);
  expect(answers()).toEqual(['Hi there']);
  source.emit('s0', 't0', { type: 'completed', text: 'Hi there.' });
  frame();
  expect(chat.getState()).toMatchObject({
    outgoing: [],
    live: true,
    stale: false,
    turns: [{ reply: { status: 'COMPLETED' } }],
  });
});

test('events of one frame cause a single state change', async () => {
  const { source, chat, frame, untilState } = setUp();
  source.session('s').ask('t', 'r', 'Hello');
  chat.open('s');
  await untilState(({ phase }) => phase === 'ready');
  const changes = vi.fn();
  chat.subscribe(changes);
  for (let offset = 0; offset < 100; offset++) source.emit('s', 't', { type: 'text', offset, delta: 'x' });
  frame();
  expect(changes).toHaveBeenCalledOnce();
});

test('send delivers messages one after another in the order they were written', async () => {
  const { source, chat, untilState } = setUp();
  const resume = source.hold();
  chat.startNew();
  chat.send('one');
  chat.send('two');
  expect(chat.getState().outgoing.map(({ state }) => state)).toEqual(['sending', 'waiting']);
  resume();
  await untilState(({ outgoing }) => outgoing.length === 0);
  expect(source.calls.filter((call) => call.startsWith('createTask'))).toEqual(['createTask one', 'createTask two']);
  expect([...source.sessions.keys()]).toEqual(['s0']);
});

test('a failed message blocks the next one and is resent with the same requestId', async () => {
  const { source, chat, untilState, texts } = setUp();
  source.errors.push(requestError('INSTANCE_NOT_RUNNING'));
  chat.startNew();
  chat.send('one');
  chat.send('two');
  await untilState(({ outgoing }) => outgoing[0]?.state === 'failed');
  expect(chat.getState().outgoing).toMatchObject([
    { text: 'one', state: 'failed', reason: 'INSTANCE_NOT_RUNNING' },
    { text: 'two', state: 'waiting' },
  ]);
  const { requestId } = chat.getState().outgoing[0]!;
  chat.resend(requestId);
  await untilState(({ outgoing }) => outgoing.length === 0);
  expect([...source.tasks.keys()][0]).toBe(requestId);
  expect(texts()).toEqual(['one', 'two']);
});

test('a message whose response was lost appears once after the retry', async () => {
  const { source, chat, untilState, texts, due, frame } = setUp();
  source.lostResponses.push(requestError(null));
  source.session('s');
  chat.open('s');
  await untilState(({ phase }) => phase === 'ready');
  chat.send('Hello');
  await until(() => due.length > 0);
  frame();
  await until(() => source.calls.filter((call) => call === 'createTask Hello').length === 2);
  await untilState(({ outgoing }) => outgoing.length === 0);
  expect(texts()).toEqual(['Hello']);
  expect(source.tasks.size).toBe(1);
});

test('a message fails after four automatic retries, and can be resent', async () => {
  const { source, chat, untilState, due, frame } = setUp();
  source.errors.push(...Array(5).fill(requestError('INTERNAL')));
  chat.startNew();
  chat.send('Hello');
  for (let attempt = 0; attempt < 4; attempt++) {
    await until(() => due.length > 0);
    expect(chat.getState().outgoing).toMatchObject([{ state: 'sending' }]);
    frame();
  }
  await untilState(({ outgoing }) => outgoing[0]?.state === 'failed');
  expect(due).toEqual([]);
  chat.resend(chat.getState().outgoing[0]!.requestId);
  await untilState(({ outgoing }) => outgoing.length === 0);
  expect(source.tasks.size).toBe(1);
});

test('withdraw moves an unsent message to the beginning of the draft', async () => {
  const { source, chat, untilState } = setUp();
  source.errors.push(requestError('BODY_TOO_LARGE'));
  chat.startNew();
  chat.send('one');
  await untilState(({ outgoing }) => outgoing[0]?.state === 'failed');
  chat.setDraft('two');
  chat.withdraw(chat.getState().outgoing[0]!.requestId);
  expect(chat.getState()).toMatchObject({ outgoing: [], draft: 'one\ntwo' });
});

test('a message is still sent after another session is opened, and does not appear there', async () => {
  const { source, chat, untilState, texts } = setUp();
  source.session('other').ask('t', 'r', 'Elsewhere');
  source.session('s');
  chat.open('s');
  await untilState(({ phase }) => phase === 'ready');
  const resume = source.hold();
  chat.send('Hello');
  chat.open('other');
  resume();
  await untilState(({ phase }) => phase === 'ready');
  await until(() => source.session('s').questions.length === 1);
  expect(texts()).toEqual(['Elsewhere']);
  chat.open('s');
  // All is sent, so the chat no longer has its outdated copy of the session.
  expect(chat.getState()).toMatchObject({ phase: 'loading', turns: [] });
  await untilState(({ phase }) => phase === 'ready');
  expect(texts()).toEqual(['Hello']);
  expect(source.following('other')).toEqual([]);
});

test('a message that was removed from the queue returns to its session, also after another one was opened', async () => {
  const { source, chat, untilState } = setUp();
  for (const id of ['s', 'other']) source.session(id).ask(`t-${id}`, `r-${id}`, 'Hello');
  chat.open('s');
  await untilState(({ phase }) => phase === 'ready');
  const requeue = chat.captureRequeue();
  chat.open('other');
  await untilState(({ phase }) => phase === 'ready');
  await requeue({ text: 'one', attachments: [] }, 't-next');
  expect(source.session('s').questions).toHaveLength(2);
  expect(source.session('other').questions).toHaveLength(1);
  expect(source.calls.at(-1)).toMatch(/^moveQueued .* t-next$/);
});

test('a failed message of a new session is shown again with the next new session, until it is sent', async () => {
  const { source, chat, untilState } = setUp();
  source.errors.push(requestError('INSTANCE_NOT_RUNNING'));
  source.session('s');
  chat.startNew();
  chat.send('Hello');
  await untilState(({ outgoing }) => outgoing[0]?.state === 'failed');
  const { thread } = chat.getState();
  chat.open('s');
  await untilState(({ phase }) => phase === 'ready');
  expect(chat.getState().outgoing).toEqual([]);
  chat.startNew();
  expect(chat.getState()).toMatchObject({ thread, outgoing: [{ text: 'Hello', state: 'failed' }] });
  // From there, another new session can be started.
  chat.startNew();
  expect(chat.getState().outgoing).toEqual([]);
  chat.startNew();
  chat.resend(chat.getState().outgoing[0]!.requestId);
  await untilState(({ outgoing }) => outgoing.length === 0);
  chat.startNew();
  expect(chat.getState()).toMatchObject({ outgoing: [], sessionId: null });
});

test('each session has its own draft, and a new session keeps its draft when it gets an id', async () => {
  const { source, chat, untilState } = setUp();
  source.session('s');
  chat.startNew();
  chat.send('first');
  chat.setDraft('next');
  await untilState(({ sessionId }) => sessionId !== null);
  const created = chat.getState().sessionId!;
  chat.open('s');
  expect(chat.getState().draft).toBe('');
  chat.setDraft('for s');
  chat.open(created);
  expect(chat.getState().draft).toBe('next');
  chat.startNew();
  expect(chat.getState().draft).toBe('');
});

test('the session is reloaded and followed from there after a gap', async () => {
  const { source, chat, frame, untilState, answers } = setUp();
  const log = source.session('s');
  log.ask('t', 'r', 'Hello');
  chat.open('s');
  await untilState(({ phase }) => phase === 'ready');
  log.append('t', { type: 'task', status: 'RUNNING' });
  source.emit('s', 't', { type: 'completed', text: 'Done' });
  frame();
  expect(chat.getState()).toMatchObject({ live: false, stale: true });
  frame();
  await untilState(({ stale }) => !stale);
  expect(answers()).toEqual(['Done']);
  expect(chat.getState().live).toBe(true);
  expect(source.following('s').map(({ seq }) => seq)).toEqual([log.seq]);
});

test('loading is retried after transient errors, and not after a refusal', async () => {
  const { source, chat, frame, due, untilState } = setUp();
  source.session('s').ask('t', 'r', 'Hello');
  source.errors.push(requestError(null), requestError('SHUTTING_DOWN'));
  chat.open('s');
  await untilState(({ live }) => !live);
  frame();
  await until(() => due.length === 1);
  frame();
  await untilState(({ phase, live }) => phase === 'ready' && live);
  source.following('s')[0]!.sink.onEnd(requestError('NOT_SIGNED_IN'));
  expect(chat.getState()).toMatchObject({ phase: 'refused', reason: 'NOT_SIGNED_IN' });
  expect(due).toEqual([]);
});

test('the chat subscribes again when the server closes the stream', async () => {
  const { source, chat, frame, untilState } = setUp();
  source.session('s').ask('t', 'r', 'Hello');
  chat.open('s');
  await untilState(({ phase }) => phase === 'ready');
  source.following('s')[0]!.sink.onEnd(null);
  expect(chat.getState().live).toBe(false);
  frame();
  await untilState(({ live }) => live);
  expect(source.following('s')).toHaveLength(1);
});

test('the chat loads the newest page again when the log no longer has the events after its last one', async () => {
  const { source, chat, frame, untilState } = setUp();
  source.session('s').ask('t', 'r', 'Hello');
  chat.open('s');
  await untilState(({ phase }) => phase === 'ready');
  source.session('s').append('t', { type: 'completed', text: 'Hi' });
  source.following('s')[0]!.sink.onEnd(requestError('EVENT_GAP'));
  expect(chat.getState()).toMatchObject({ phase: 'ready', live: false });
  frame();
  await untilState(({ live, turns }) => live && turns[0]?.storedReply !== null);
  expect(source.following('s')).toMatchObject([{ seq: 3 }]);
});

test('mine is false for another person’s session', async () => {
  const { source, chat, untilState } = setUp();
  source.session('theirs').mine = false;
  chat.open('theirs');
  await untilState(({ phase, mine }) => phase === 'ready' && !mine);
  chat.startNew();
  expect(chat.getState().mine).toBe(true);
});

test('title is that of the open session, follows its renaming, and is null for a new one', async () => {
  const { source, chat, untilState } = setUp();
  source.session('one').title = 'Disks of web-1';
  chat.open('one');
  await untilState(({ title }) => title === 'Disks of web-1');
  chat.setTitle('another', 'Other');
  expect(chat.getState().title).toBe('Disks of web-1');
  chat.setTitle('one', 'Disks');
  expect(chat.getState().title).toBe('Disks');
  chat.startNew();
  expect(chat.getState().title).toBeNull();
});

test('loadOlder inserts one page at a time before the loaded turns', async () => {
  const { source, chat, untilState, texts } = setUp();
  source.pageSize = 2;
  for (const n of [1, 2, 3, 4, 5]) {
    source.session('s').ask(`t${n}`, `r${n}`, `question ${n}`);
    source.session('s').append(`t${n}`, { type: 'completed', text: `answer ${n}` });
  }
  chat.open('s');
  await untilState(({ phase }) => phase === 'ready');
  await Promise.all([chat.loadOlder(), chat.loadOlder()]);
  expect(texts()).toEqual(['question 2', 'question 3', 'question 4', 'question 5']);
  await chat.loadOlder();
  await chat.loadOlder();
  expect(texts()).toHaveLength(5);
  expect(source.calls).toHaveLength(3);
});

test('two chats share no state, and a closed one unsubscribes until it is opened again', async () => {
  const { source, chat, untilState } = setUp();
  source.session('s').ask('t', 'r', 'Hello');
  const other = createChatStore(source);
  chat.open('s');
  await untilState(({ phase }) => phase === 'ready');
  expect(other.getState()).toMatchObject({ sessionId: null, turns: [] });
  chat.close();
  expect(source.following('s')).toEqual([]);
  chat.open('s');
  await until(() => source.following('s').length === 1);
});

/** Sets up a chat with a session of `count` ended tasks, read in pages of four. */
function setUpLongSession(count: number) {
  const fixture = setUp();
  fixture.source.pageSize = 4;
  for (let index = 0; index < count; index++) {
    fixture.source.session('s').ask(`t${index}`, `r${index}`, `${index}`);
    fixture.source.session('s').append(`t${index}`, { type: 'completed', text: `answer ${index}` });
  }
  const shown = () => getShownTurns(fixture.chat.getState()).map(({ message }) => message?.text);
  return { ...fixture, shown };
}

test('showMessage shows a window around a message, which loadNewer extends until it joins the live end', async () => {
  const { source, chat, frame, untilState, shown, texts } = setUpLongSession(20);
  chat.open('s');
  await untilState(({ phase }) => phase === 'ready');
  const first = chat.getState().view;
  expect(await chat.showMessage({ around: 'm-t8' })).toBe(true);
  expect(shown()).toEqual(['7', '8', '9', '10']);
  const { view, anchor } = chat.getState();
  expect(view).not.toBe(first);
  expect(anchor).toEqual({ taskId: 't8', isMarked: true });

  source.emit('s', 't20', { type: 'message', messageId: 'm', requestId: 'r20', text: 'live' });
  frame();
  expect(shown()).toEqual(['7', '8', '9', '10']);
  expect(texts().at(-1)).toBe('live');

  await chat.loadOlder();
  expect(shown()).toEqual(['3', '4', '5', '6', '7', '8', '9', '10']);
  await chat.loadNewer();
  expect(chat.getState().window).not.toBeNull();
  await chat.loadNewer();
  expect(chat.getState()).toMatchObject({ window: null, view, live: true });
  expect(shown()).toEqual([...Array.from({ length: 17 }, (_, index) => String(index + 3)), 'live']);
  await chat.loadOlder();
  expect(shown()).toHaveLength(21);
});

test('open shows the session at a message, and showLatest or a sent message returns to the end', async () => {
  const { chat, untilState, shown } = setUpLongSession(20);
  const phases: unknown[] = [];
  chat.subscribe(({ phase, window }) => phases.push([phase, window === null]));
  chat.open('s', { message: 't2' });
  await untilState(({ phase }) => phase === 'ready');
  expect(phases).not.toContainEqual(['ready', true]);
  expect(shown()).toEqual(['1', '2', '3', '4']);
  chat.showLatest();
  expect(chat.getState()).toMatchObject({ window: null, anchor: null });
  expect(shown()).toEqual(['16', '17', '18', '19']);

  await chat.showMessage({ around: 't5' });
  expect(chat.getState().window).not.toBeNull();
  chat.send('Hello');
  expect(chat.getState().window).toBeNull();
  expect(shown().slice(0, 1)).toEqual(['16']);
});

test('showMessage loads nothing for a loaded message, and changes nothing for an unknown one', async () => {
  const { source, chat, untilState, shown } = setUpLongSession(20);
  chat.open('s', { message: 'unknown' });
  await untilState(({ phase }) => phase === 'ready');
  expect(shown()).toEqual(['16', '17', '18', '19']);
  const { length } = source.calls;
  const { view } = chat.getState();
  expect(await chat.showMessage({ around: 'm-t18' })).toBe(true);
  expect(source.calls).toHaveLength(length);
  expect(await chat.showMessage({ around: 'unknown' })).toBe(false);
  expect(chat.getState()).toMatchObject({ view, anchor: { taskId: 't18' }, window: null });
  // A page that overlaps the end extends it.
  expect(await chat.showMessage({ around: 't14' })).toBe(true);
  expect(chat.getState()).toMatchObject({ view, window: null, anchor: { taskId: 't14' } });
  expect(shown()).toEqual(['13', '14', '15', '16', '17', '18', '19']);
});

test('a reply that is open while a window is opened continues in the window', async () => {
  const { source, chat, frame, untilState } = setUpLongSession(20);
  source.session('s').ask('open', 'ro', 'open');
  source.session('s').append('open', { type: 'task', status: 'RUNNING' });
  for (let index = 21; index < 40; index++) source.session('s').ask(`t${index}`, `r${index}`, `${index}`);
  chat.open('s', { message: 'open' });
  await untilState(({ phase }) => phase === 'ready');
  await until(() => source.following('s').length === 1);
  source.emit('s', 'open', { type: 'text', offset: 0, delta: 'Hello' });
  frame();
  const { window } = chat.getState();
  expect(window?.turns.find(({ taskId }) => taskId === 'open')?.reply?.text).toBe('Hello');
});

/** Opens a session of 20 messages, of which the eleventh, and all after it, have another version. */
async function openVersions() {
  const fixture = setUpLongSession(20);
  fixture.source.session('s').ask('t20', 'r20', 'other 10', { versionOf: 't10' });
  fixture.chat.open('s');
  await fixture.untilState(({ phase }) => phase === 'ready');
  expect(fixture.shown()).toEqual(['7', '8', '9', 'other 10']);
  return fixture;
}

test('selectVersion shows a message in its branch, selects it, and further messages continue it', async () => {
  const { source, chat, frame, untilState, shown } = await openVersions();
  await chat.selectVersion('t10');
  expect(shown()).toEqual(['9', '10', '11', '12']);
  expect(chat.getState()).toMatchObject({ branch: 0, anchor: { taskId: 't10', isMarked: false } });
  frame();
  await untilState(({ isSelected }) => isSelected);
  chat.send('next');
  await untilState(({ outgoing }) => outgoing.length === 0);
  expect(source.session('s').list(0).at(-1)?.parts).toEqual([{ type: 'text', text: 'next' }]);
  expect(shown()).toEqual(['16', '17', '18', '19', 'next']);
});

test('a message of another branch is opened there without selecting it, until showSelected', async () => {
  const { source, chat, frame, untilState, shown } = await openVersions();
  expect(await chat.showMessage({ around: 'm-t15' })).toBe(true);
  expect(shown()).toEqual(['14', '15', '16', '17', '18', '19']);
  expect(chat.getState()).toMatchObject({ branch: 0, isSelected: false });
  source.emit('s', 't20', { type: 'completed', text: 'done' });
  frame();
  expect(chat.getState()).toMatchObject({ stale: false, otherReplies: [] });
  chat.showSelected();
  await untilState(({ branch }) => branch === 1);
  expect(shown()).toEqual(['7', '8', '9', 'other 10']);
  expect(await chat.showMessage({ around: 'no message' })).toBe(false);
  expect(source.calls.filter((call) => call.startsWith('selectBranch'))).toEqual([]);
});

test('a version of a message in a window is shown at the end of its branch', async () => {
  const { chat, frame, shown } = await openVersions();
  await chat.showMessage({ around: 'm-t2' });
  chat.captureSend()('other 2', [], 't2');
  await until(() => {
    frame();
    return chat.getState().branch === 2;
  });
  expect(shown()).toEqual(['0', '1', 'other 2']);
  expect(chat.getState().turns.at(-1)?.versions).toEqual(['t2', 't21']);
});
