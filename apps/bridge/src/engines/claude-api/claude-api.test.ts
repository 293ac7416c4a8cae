import type { TaskRequest } from '@it0/contracts/bridge';
import { platformTools } from '@it0/tests/support/platform-tools';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startBridge } from '../../testing/bridge-process.ts';
import { fakeModel } from '../../testing/fake-model.ts';
import { type FakeServer, fakeServer } from '../../testing/fake-server.ts';
import { FILES_REPLY, oneFilePerKind } from '../../testing/files.ts';
import { temporaryFolder } from '../../testing/folder.ts';
import { createTaskClient, expectStreamedReply, SCRIPTED_REPLIES } from '../../testing/task-client.ts';

const folder = temporaryFolder();
let server: FakeServer;
let model: Awaited<ReturnType<typeof fakeModel>>;
let tools: Awaited<ReturnType<typeof platformTools>>;
let bridge: Awaited<ReturnType<typeof startBridge>>;

const engine = { BRIDGE_ENGINE: 'claude-api' };
const start = () =>
  startBridge(folder.path, { ...engine, ANTHROPIC_API_KEY: 'sk-ant-of-a-test', ANTHROPIC_BASE_URL: model.url });

beforeAll(async () => {
  [server, model, tools] = await Promise.all([fakeServer(), fakeModel(), platformTools()]);
  bridge = await start();
  await bridge.ready();
});
afterAll(async () => {
  await bridge.end('SIGTERM');
  for (const each of [server, model, tools]) await each[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

const tasks = createTaskClient(() => ({ server, bridge }));
const { send } = tasks;
const toolServer = () => ({ url: tools.url, token: tools.token });
const lastRequestBody = () => model.requests.at(-1)!.body;
const CACHED = { cache_control: { type: 'ephemeral' } };

test('/readyz returns the model, and no engine version', async () => {
  expect(await bridge.health()).toEqual({
    ready: true,
    engine: { version: null, connected: true },
    model: { name: 'claude-opus-5', scripted: false },
    detail: null,
  });
});

test.for(SCRIPTED_REPLIES)(
  'the reply to "$message" streams in deltas that make up its text, and reports its usage',
  async (reply) => {
    const end = await expectStreamedReply(tasks, reply);
    expect(end).toMatchObject({
      usage: { input: expect.any(Number), output: expect.any(Number), cacheRead: 0, cacheWrite: 0 },
    });
  },
);

test.for(['Which instance is idle?', '哪个实例空闲？'])('"%s" calls a platform tool as a step', async (message) => {
  const task = await send(message, { tools: toolServer() });
  const end = await task.waitForEnd();
  expect(end).toMatchObject({ type: 'completed', text: expect.stringContaining('web-1') });
  expect(task.steps()).toMatchObject([
    { phase: 'start', name: 'list_instances', title: 'List instances', args: '{}', textOffset: expect.any(Number) },
    { phase: 'end', status: 'completed', output: expect.stringContaining('web-1'), durationMs: expect.any(Number) },
  ]);
  const [question, answer] = model.requests.slice(-2).map(({ body }) => body);
  expect(question).toMatchObject({ tools: [{ name: 'list_instances' }, { name: 'recent_failures', ...CACHED }] });
  expect(answer).toMatchObject({ messages: [{}, { role: 'assistant' }, { content: [{ type: 'tool_result' }] }] });
});

test('the usage of a task is the sum of its turns', async () => {
  const once = await (await send('code')).waitForEnd();
  const twice = await (await send('Which instance is idle?', { tools: toolServer() })).waitForEnd();
  const [one, two] = [once, twice].map((end) => (end.type === 'completed' ? end.usage! : null));
  // Each turn of the scripted model counts the words of the question.
  expect(two!.input).toBe(2 * 'Which instance is idle?'.split(' ').length);
  expect(one!.input).toBe(1);
});

test('a tool that fails is a failed step, and the reply goes on', async () => {
  const task = await send('What failed lately?', { tools: toolServer() });
  expect(await task.waitForEnd()).toMatchObject({
    type: 'completed',
    text: expect.stringContaining('The database is away.'),
  });
  expect(task.steps()).toMatchObject([{ phase: 'start' }, { phase: 'end', status: 'failed' }]);
});

test('unavailable tools are a failed step, and the reply goes on', async () => {
  const task = await send('code', { tools: { url: tools.url, token: 'another' } });
  expect(await task.waitForEnd()).toMatchObject({ type: 'completed', text: expect.stringContaining('```bash') });
  expect(task.steps()).toMatchObject([
    { phase: 'start', name: 'tools' },
    { phase: 'end', status: 'failed', output: expect.stringMatching(/unavailable/) },
  ]);
});

test('a request has the instructions and the history, marked for the cache', async () => {
  const history: TaskRequest['history'] = [
    { role: 'assistant', text: 'the end of something that is cut off' },
    { role: 'user', text: 'one' },
    { role: 'assistant', text: '' },
    { role: 'user', text: 'two' },
    { role: 'assistant', text: 'three' },
  ];
  await (await send('code', { history, instructions: 'You are iAgent.', tools: toolServer() })).waitForEnd();
  const text = (content: string) => ({ type: 'text', text: content });
  expect(lastRequestBody()).toMatchObject({
    stream: true,
    system: [{ ...text('You are iAgent.'), ...CACHED }],
    tools: [{}, CACHED],
    messages: [
      { role: 'user', content: [text('one')] },
      { role: 'user', content: [text('two')] },
      { role: 'assistant', content: [{ ...text('three'), ...CACHED }] },
      { role: 'user', content: 'code' },
    ],
  });
});

test('the model gets each attachment as the content block of its type', async () => {
  const task = await send('Hello', { attachments: oneFilePerKind(server) });
  expect(await task.waitForEnd()).toMatchObject({ type: 'completed', text: FILES_REPLY });
  const source = (type: string, media_type: string) => ({ type, media_type, data: expect.any(String) });
  expect(lastRequestBody().messages).toEqual([
    {
      role: 'user',
      content: [
        { type: 'document', title: '报告.csv', source: { ...source('text', 'text/plain'), data: 'a,b\n1,2' } },
        { type: 'text', text: 'disk.png:' },
        { type: 'image', source: source('base64', 'image/png') },
        { type: 'document', title: 'error.pdf', source: source('base64', 'application/pdf') },
        { type: 'text', text: 'empty.log is an empty file.' },
        { type: 'text', text: 'Hello', ...CACHED },
      ],
    },
  ]);
});

test('every turn repeats the files of its task, with at most the four cache marks that the provider allows', async () => {
  const history: TaskRequest['history'] = [
    { role: 'user', text: 'one' },
    { role: 'assistant', text: 'two' },
  ];
  const attachments = [server.newAttachment('a.txt', 'text/plain', 'a')];
  const overrides = { attachments, history, instructions: 'You are iAgent.', tools: toolServer() };
  expect(await (await send('Which instance is idle?', overrides)).waitForEnd()).toMatchObject({ type: 'completed' });
  const [question, answer] = model.requests.slice(-2).map(({ body }) => body);
  const message = { content: [{ type: 'document' }, { type: 'text', text: 'Which instance is idle?', ...CACHED }] };
  expect(question).toMatchObject({ messages: [{}, {}, message] });
  expect(answer).toMatchObject({ messages: [{}, {}, message, {}, {}] });
  expect(JSON.stringify(answer).match(/cache_control/g)).toHaveLength(4);
});

test.for([
  { name: 'large.png', type: 'image/png', bytes: 5_000_000, reason: 'ATTACHMENT_TOO_LARGE' },
  { name: 'a.zip', type: 'application/zip', bytes: 1, reason: 'ATTACHMENT_TYPE_REFUSED' },
])('$name ends the task with $reason before a request is sent', async ({ name, type, bytes, reason }) => {
  const before = model.requests.length;
  const task = await send('Hello', { attachments: [server.newAttachment(name, type, Buffer.alloc(bytes))] });
  expect(await task.waitForEnd()).toMatchObject({ status: 'FAILED', reason, detail: expect.stringContaining(name) });
  expect(task.durable().map(({ type }) => type)).toEqual(['error']);
  expect(model.requests.length).toBe(before);
});

test.for([
  ['image.source.base64.data: At least one of the image dimensions exceed max allowed size: 8000 pixels', 'TOO_LARGE'],
  ['A maximum of 100 PDF pages may be provided.', 'TOO_LARGE'],
  ['prompt is too long: 250000 tokens > 200000 maximum', 'TOO_LARGE'],
  ['The PDF specified is password protected.', 'TYPE_REFUSED'],
  ['Could not process image', 'TYPE_REFUSED'],
])('"%s" is attributed to the files of the message', async ([message, reason]) => {
  model.refuse({ status: 400, body: { type: 'error', error: { type: 'invalid_request_error', message } } });
  const task = await send('Hello', { attachments: oneFilePerKind(server) });
  const detail = expect.stringMatching(/^The (message|model) .* Send .*\(/);
  expect(await task.waitForEnd()).toMatchObject({ status: 'FAILED', reason: `ATTACHMENT_${reason}`, detail });
  model.refuse(undefined);
});

test('cancelling a task keeps the partial reply', async () => {
  const task = await send('slow');
  await task.waitForText('Step 1');
  await task.cancel();
  expect(await task.waitForEnd()).toMatchObject({
    status: 'CANCELLED',
    reason: 'CANCELLED_BY_USER',
    text: expect.stringMatching(/^Step 1/),
  });
});

test('a deadline stops a running task and keeps the partial reply', async () => {
  const task = await send('slow', { timeoutMs: 2_000 });
  expect(await task.waitForEnd()).toMatchObject({ status: 'TIMED_OUT', text: expect.stringMatching(/^Step 1/) });
});

test.for([
  { message: 'error 401', reason: 'MODEL_KEY_REFUSED', advice: /Check the key/ },
  { message: 'error 429', reason: 'MODEL_RATE_LIMITED', advice: /Try again later/ },
  { message: 'error 529', reason: 'MODEL_UNAVAILABLE', advice: /overloaded/ },
  { message: 'error: too long', reason: 'CONTEXT_TOO_LONG', advice: /Start a new one/ },
  { message: 'an error', reason: 'AGENT_ERROR', advice: /refuses on request/ },
])('"$message" ends the task with $reason and advice', async ({ message, reason, advice }) => {
  const task = await send(message);
  const end = await task.waitForEnd();
  expect(end).toMatchObject({ status: 'FAILED', reason, detail: expect.stringMatching(advice) });
  expect(JSON.stringify(end)).not.toMatch(/sk-ant|\bat .*\.ts/);
});

test('an unreachable model ends the task with advice', async () => {
  model.refuse('hang up');
  const task = await send('Hello');
  expect(await task.waitForEnd()).toMatchObject({
    reason: 'MODEL_UNAVAILABLE',
    detail: expect.stringMatching(/network/),
  });
  model.refuse(undefined);
});

test('the key is redacted from an error of the provider', async () => {
  const message = 'sk-ant-of-a-test may not do this';
  model.refuse({ status: 400, body: { type: 'error', error: { type: 'invalid_request_error', message } } });
  const task = await send('Hello');
  expect(await task.waitForEnd()).toMatchObject({
    reason: 'AGENT_ERROR',
    detail: expect.stringContaining('sk-… may not'),
  });
  model.refuse(undefined);
});

test('cancelling a task does not wait for the retry-after of a rate limit', async () => {
  model.refuse({ status: 429, headers: { 'retry-after': '50' } });
  const task = await send('Hello');
  await server.waitForReport(task.taskId, ({ type }) => type === 'task');
  await task.cancel();
  expect(await task.waitForEnd()).toMatchObject({ status: 'CANCELLED' });
  model.refuse(undefined);
});

test('deciding an unknown approval returns 404', async () => {
  const response = await bridge.request('POST', `/approvals/${crypto.randomUUID()}`, { decision: 'deny' });
  expect(response.status).toBe(404);
});

test('stopping the bridge ends a running task with the partial reply', async () => {
  const task = await send('slow');
  await task.waitForText('Step 1');
  await bridge.end('SIGTERM');
  bridge = await start();
  await bridge.ready();
  expect(await task.waitForEnd()).toMatchObject({ reason: 'AGENT_ERROR', text: expect.stringMatching(/^Step 1/) });
});

test('after a kill, the bridge fails the started task and runs the queued one', async () => {
  const sessionKey = `it0:${crypto.randomUUID()}`;
  const started = await send('slow', { sessionKey });
  const queued = await send('code', { sessionKey });
  await started.waitForText('Step 1');
  await bridge.end('SIGKILL');
  const before = model.requests.length;
  bridge = await start();
  await bridge.ready();
  expect(await started.waitForEnd()).toMatchObject({
    status: 'FAILED',
    reason: 'AGENT_ERROR',
    detail: expect.stringMatching(/restarted/),
  });
  expect(await queued.waitForEnd()).toMatchObject({ type: 'completed' });
  expect(model.requests.length).toBe(before + 1);
});

test('the bridge uses the scripted model without a key', async () => {
  using folder = temporaryFolder();
  const scripted = await startBridge(folder.path, engine);
  await scripted.ready();
  expect((await scripted.health())?.model).toEqual({ name: 'scripted', scripted: true });
  const task = await createTaskClient(() => ({ server, bridge: scripted })).send('code');
  expect(await task.waitForEnd()).toMatchObject({ type: 'completed', text: expect.stringContaining('```bash') });
  await scripted.end('SIGTERM');
});
