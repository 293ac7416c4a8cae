import type { TaskRequest } from '@it0/contracts/bridge';
import { platformTools } from '@it0/tests/support/platform-tools';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startBridge } from '../../testing/bridge-process.ts';
import { type FakeServer, fakeServer } from '../../testing/fake-server.ts';
import { FILES_REPLY, oneFilePerKind } from '../../testing/files.ts';
import { temporaryFolder } from '../../testing/folder.ts';
import { fakeModel } from '../../testing/model-wire.ts';
import { createTaskClient, expectStreamedReply, SCRIPTED_REPLIES } from '../../testing/talk.ts';

const folder = temporaryFolder();
let server: FakeServer;
let wire: Awaited<ReturnType<typeof fakeModel>>;
let tools: Awaited<ReturnType<typeof platformTools>>;
let bridge: Awaited<ReturnType<typeof startBridge>>;

const engine = { BRIDGE_ENGINE: 'claude-api' };
const start = () =>
  startBridge(folder.path, { ...engine, ANTHROPIC_API_KEY: 'sk-ant-of-a-test', ANTHROPIC_BASE_URL: wire.url });

beforeAll(async () => {
  [server, wire, tools] = await Promise.all([fakeServer(), fakeModel(), platformTools()]);
  bridge = await start();
  await bridge.ready();
});
afterAll(async () => {
  await bridge.end('SIGTERM');
  for (const each of [server, wire, tools]) await each[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

const talk = createTaskClient(() => ({ server, bridge }));
const { send } = talk;
const offered = () => ({ url: tools.url, token: tools.token });
const lastAsked = () => wire.asked.at(-1)!.body;
const cached = { cache_control: { type: 'ephemeral' } };

test('readyz tells the model, and nothing of a gateway', async () => {
  expect(await bridge.health()).toEqual({
    ready: true,
    engine: { version: null, connected: true },
    model: { name: 'claude-opus-5', scripted: false },
    detail: null,
  });
});

test.for(SCRIPTED_REPLIES)(
  'the reply to "$message" streams in pieces that make up its end, which tells the usage',
  async (reply) => {
    const end = await expectStreamedReply(talk, reply);
    expect(end).toMatchObject({
      usage: { input: expect.any(Number), output: expect.any(Number), cacheRead: 0, cacheWrite: 0 },
    });
  },
);

test.for(['Which instance is idle?', '哪个实例空闲？'])('"%s" asks the platform, on the timeline', async (message) => {
  const task = await send(message, { tools: offered() });
  const end = await task.waitForEnd();
  expect(end).toMatchObject({ type: 'completed', text: expect.stringContaining('web-1') });
  expect(task.steps()).toMatchObject([
    { phase: 'start', name: 'list_instances', title: 'List instances', args: '{}', textOffset: expect.any(Number) },
    { phase: 'end', status: 'completed', output: expect.stringContaining('web-1'), durationMs: expect.any(Number) },
  ]);
  const [question, answer] = wire.asked.slice(-2).map(({ body }) => body);
  expect(question).toMatchObject({ tools: [{ name: 'list_instances' }, { name: 'recent_failures', ...cached }] });
  expect(answer).toMatchObject({ messages: [{}, { role: 'assistant' }, { content: [{ type: 'tool_result' }] }] });
});

test('the usage of all turns is one sum', async () => {
  const once = await (await send('code')).waitForEnd();
  const twice = await (await send('Which instance is idle?', { tools: offered() })).waitForEnd();
  const [one, two] = [once, twice].map((end) => (end.type === 'completed' ? end.usage! : null));
  // Each turn of the scripted model counts the words of the question.
  expect(two!.input).toBe(2 * 'Which instance is idle?'.split(' ').length);
  expect(one!.input).toBe(1);
});

test('a tool that fails is a failed step, and the reply goes on', async () => {
  const task = await send('What failed lately?', { tools: offered() });
  expect(await task.waitForEnd()).toMatchObject({
    type: 'completed',
    text: expect.stringContaining('The database is away.'),
  });
  expect(task.steps()).toMatchObject([{ phase: 'start' }, { phase: 'end', status: 'failed' }]);
});

test('tools that cannot be had are a failed step, and the reply goes on', async () => {
  const task = await send('code', { tools: { url: tools.url, token: 'another' } });
  expect(await task.waitForEnd()).toMatchObject({ type: 'completed', text: expect.stringContaining('```bash') });
  expect(task.steps()).toMatchObject([
    { phase: 'start', name: 'tools' },
    { phase: 'end', status: 'failed', output: expect.stringMatching(/cannot be had/) },
  ]);
});

test('the model is told its place and what was said before, for its cache too', async () => {
  const history: TaskRequest['history'] = [
    { role: 'assistant', text: 'the end of something that is cut off' },
    { role: 'user', text: 'one' },
    { role: 'assistant', text: '' },
    { role: 'user', text: 'two' },
    { role: 'assistant', text: 'three' },
  ];
  await (await send('code', { history, instructions: 'You are iAgent.', tools: offered() })).waitForEnd();
  const text = (said: string) => ({ type: 'text', text: said });
  expect(lastAsked()).toMatchObject({
    stream: true,
    system: [{ ...text('You are iAgent.'), ...cached }],
    tools: [{}, cached],
    messages: [
      { role: 'user', content: [text('one')] },
      { role: 'user', content: [text('two')] },
      { role: 'assistant', content: [{ ...text('three'), ...cached }] },
      { role: 'user', content: 'code' },
    ],
  });
});

test('the model sees what comes with a message, each file in the form for it', async () => {
  const task = await send('Hello', { attachments: oneFilePerKind(server) });
  expect(await task.waitForEnd()).toMatchObject({ type: 'completed', text: FILES_REPLY });
  const source = (type: string, media_type: string) => ({ type, media_type, data: expect.any(String) });
  expect(lastAsked().messages).toEqual([
    {
      role: 'user',
      content: [
        { type: 'document', title: '报告.csv', source: { ...source('text', 'text/plain'), data: 'a,b\n1,2' } },
        { type: 'text', text: 'disk.png:' },
        { type: 'image', source: source('base64', 'image/png') },
        { type: 'document', title: 'error.pdf', source: source('base64', 'application/pdf') },
        { type: 'text', text: 'empty.log is an empty file.' },
        { type: 'text', text: 'Hello', ...cached },
      ],
    },
  ]);
});

test('files are there in every turn of their task, for the provider’s cache, in no more places than it allows', async () => {
  const history: TaskRequest['history'] = [
    { role: 'user', text: 'one' },
    { role: 'assistant', text: 'two' },
  ];
  const attachments = [server.newAttachment('a.txt', 'text/plain', 'a')];
  const asked = { attachments, history, instructions: 'You are iAgent.', tools: offered() };
  expect(await (await send('Which instance is idle?', asked)).waitForEnd()).toMatchObject({ type: 'completed' });
  const [question, answer] = wire.asked.slice(-2).map(({ body }) => body);
  const message = { content: [{ type: 'document' }, { type: 'text', text: 'Which instance is idle?', ...cached }] };
  expect(question).toMatchObject({ messages: [{}, {}, message] });
  expect(answer).toMatchObject({ messages: [{}, {}, message, {}, {}] });
  expect(JSON.stringify(answer).match(/cache_control/g)).toHaveLength(4);
});

test.for([
  { name: 'large.png', type: 'image/png', bytes: 5_000_000, reason: 'ATTACHMENT_TOO_LARGE' },
  { name: 'a.zip', type: 'application/zip', bytes: 1, reason: 'ATTACHMENT_TYPE_REFUSED' },
])('$name ends the task with $reason before the model hears of it', async ({ name, type, bytes, reason }) => {
  const asked = wire.asked.length;
  const task = await send('Hello', { attachments: [server.newAttachment(name, type, Buffer.alloc(bytes))] });
  expect(await task.waitForEnd()).toMatchObject({ status: 'FAILED', reason, detail: expect.stringContaining(name) });
  expect(task.durable().map(({ type }) => type)).toEqual(['error']);
  expect(wire.asked.length).toBe(asked);
});

test.for([
  ['image.source.base64.data: At least one of the image dimensions exceed max allowed size: 8000 pixels', 'TOO_LARGE'],
  ['A maximum of 100 PDF pages may be provided.', 'TOO_LARGE'],
  ['prompt is too long: 250000 tokens > 200000 maximum', 'TOO_LARGE'],
  ['The PDF specified is password protected.', 'TYPE_REFUSED'],
  ['Could not process image', 'TYPE_REFUSED'],
])('"%s" of a message with files is said to be theirs', async ([message, reason]) => {
  wire.refuse({ status: 400, body: { type: 'error', error: { type: 'invalid_request_error', message } } });
  const task = await send('Hello', { attachments: oneFilePerKind(server) });
  const detail = expect.stringMatching(/^The (message|model) .* Send .*\(/);
  expect(await task.waitForEnd()).toMatchObject({ status: 'FAILED', reason: `ATTACHMENT_${reason}`, detail });
  wire.refuse(undefined);
});

test('cancelling keeps the partial reply, and lets go of the model', async () => {
  const task = await send('slow');
  await task.waitForText('Step 1');
  await task.cancel();
  expect(await task.waitForEnd()).toMatchObject({
    status: 'CANCELLED',
    reason: 'CANCELLED_BY_USER',
    text: expect.stringMatching(/^Step 1/),
  });
});

test('a deadline stops a running task, and keeps the partial reply', async () => {
  const task = await send('slow', { timeoutMs: 2_000 });
  expect(await task.waitForEnd()).toMatchObject({ status: 'TIMED_OUT', text: expect.stringMatching(/^Step 1/) });
});

test.for([
  { message: 'error 401', reason: 'MODEL_KEY_REFUSED', advice: /Check the key/ },
  { message: 'error 429', reason: 'MODEL_RATE_LIMITED', advice: /Try again in a while/ },
  { message: 'error 529', reason: 'MODEL_UNAVAILABLE', advice: /overloaded/ },
  { message: 'error: too long', reason: 'CONTEXT_TOO_LONG', advice: /Start a new one/ },
  { message: 'an error', reason: 'AGENT_ERROR', advice: /refuses on request/ },
])('"$message" ends the task with $reason and what to do', async ({ message, reason, advice }) => {
  const task = await send(message);
  const end = await task.waitForEnd();
  expect(end).toMatchObject({ status: 'FAILED', reason, detail: expect.stringMatching(advice) });
  expect(JSON.stringify(end)).not.toMatch(/sk-ant|\bat .*\.ts/);
});

test('a model that cannot be reached ends the task with what to do', async () => {
  wire.refuse('hang up');
  const task = await send('Hello');
  expect(await task.waitForEnd()).toMatchObject({
    reason: 'MODEL_UNAVAILABLE',
    detail: expect.stringMatching(/network/),
  });
  wire.refuse(undefined);
});

test('a provider that quotes the key does not get it onto the page', async () => {
  const message = 'sk-ant-of-a-test may not do this';
  wire.refuse({ status: 400, body: { type: 'error', error: { type: 'invalid_request_error', message } } });
  const task = await send('Hello');
  expect(await task.waitForEnd()).toMatchObject({
    reason: 'AGENT_ERROR',
    detail: expect.stringContaining('sk-… may not'),
  });
  wire.refuse(undefined);
});

test('whoever limits requests is asked again when they said, and stopping does not wait for that', async () => {
  wire.refuse({ status: 429, headers: { 'retry-after': '50' } });
  const task = await send('Hello');
  await server.waitForReport(task.taskId, ({ type }) => type === 'task');
  await task.cancel();
  expect(await task.waitForEnd()).toMatchObject({ status: 'CANCELLED' });
  wire.refuse(undefined);
});

test('no approval is known here', async () => {
  const response = await bridge.request('POST', `/approvals/${crypto.randomUUID()}`, { decision: 'deny' });
  expect(response.status).toBe(404);
});

test('a bridge that is stopped ends what it was at with the reply so far', async () => {
  const task = await send('slow');
  await task.waitForText('Step 1');
  await bridge.end('SIGTERM');
  bridge = await start();
  await bridge.ready();
  expect(await task.waitForEnd()).toMatchObject({ reason: 'AGENT_ERROR', text: expect.stringMatching(/^Step 1/) });
});

test('a bridge that was killed ends what had begun, and does what had not', async () => {
  const sessionKey = `it0:${crypto.randomUUID()}`;
  const begun = await send('slow', { sessionKey });
  const waiting = await send('code', { sessionKey });
  await begun.waitForText('Step 1');
  await bridge.end('SIGKILL');
  const asked = wire.asked.length;
  bridge = await start();
  await bridge.ready();
  expect(await begun.waitForEnd()).toMatchObject({
    status: 'FAILED',
    reason: 'AGENT_ERROR',
    detail: expect.stringMatching(/restarted/),
  });
  expect(await waiting.waitForEnd()).toMatchObject({ type: 'completed' });
  expect(wire.asked.length).toBe(asked + 1);
});

test('without a key the model is the scripted one', async () => {
  using own = temporaryFolder();
  const scripted = await startBridge(own.path, engine);
  await scripted.ready();
  expect((await scripted.health())?.model).toEqual({ name: 'scripted', scripted: true });
  const task = await createTaskClient(() => ({ server, bridge: scripted })).send('code');
  expect(await task.waitForEnd()).toMatchObject({ type: 'completed', text: expect.stringContaining('```bash') });
  await scripted.end('SIGTERM');
});
