import { existsSync, rmSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import fc from 'fast-check';
import pino from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { createApprovals } from '../approvals.ts';
import type { NewReport } from '../engines/engine.ts';
import { temporaryFolder } from '../testing/folder.ts';
import { openTestWorkspace } from '../testing/workspace.ts';
import type { ToolTask } from './task-tools.ts';
import { defineTool, type ToolCall } from './tool.ts';
import { startToolServer, type ToolServer } from './tool-server.ts';

const folder = temporaryFolder();
const approvals = createApprovals(folder.path);
const calls: { text: string; call: ToolCall }[] = [];
const ran: string[] = [];
let blocked = Promise.resolve();
let server: ToolServer;

const echo = defineTool({
  description: 'Echoes the text.',
  input: z.strictObject({ text: z.string().max(1_000) }),
  title: ({ text }) => text,
  async run({ text }, call) {
    calls.push({ text, call });
    await blocked;
    return { text, exitCode: 0 };
  },
});

const ask = defineTool({
  description: 'Requests an approval first.',
  input: z.strictObject({ text: z.string() }),
  title: ({ text }) => text,
  async run({ text }, call) {
    calls.push({ text, call });
    // As a command does that looks at files first.
    await setImmediate();
    const { status } = await call.requestApproval({ kind: 'exec', command: text });
    ran.push(text);
    return { text: status };
  },
});

beforeAll(async () => {
  server = await startToolServer({ echo, ask }, pino({ level: 'silent' }));
});
afterAll(() => {
  server[Symbol.dispose]();
  approvals[Symbol.dispose]();
  folder[Symbol.dispose]();
});

function newTask() {
  const reports: NewReport[] = [];
  const stop = new AbortController();
  const task: ToolTask = {
    ...{ taskId: 'task', approvals, approvalMs: 60_000, calls: new Set(), signal: stop.signal },
    workspace: openTestWorkspace(folder.path),
    report: (report) => void reports.push(report),
    textOffset: async () => 7,
    remainingMs: () => 60_000,
  };
  return { task, reports, stop };
}

async function connect(token: string) {
  const client = new Client({ name: 'test', version: '1' });
  const requestInit = { headers: { authorization: `Bearer ${token}` } };
  await client.connect(new StreamableHTTPClientTransport(new URL(server.url), { requestInit }));
  return client;
}
const call = (client: Client, args: Record<string, unknown>, name = 'echo') =>
  client.callTool({ name, arguments: args });
const identity = (session: string) => ({ _it0: { session, run: 'run', call: 'call_1' } });

test('a gateway’s call runs for the task of its session, with its arguments unchanged', async () => {
  const { task, reports } = newTask();
  using _registration = server.serveSession('agent:main:it0:a', task);
  const client = await connect(server.token);
  const text = '"\'\\\r\n\0\u001b[0m‮😀';
  expect(await call(client, { text, ...identity('agent:main:it0:a') })).toMatchObject({
    content: [{ type: 'text', text }],
  });
  expect(calls.at(-1)!.text).toBe(text);
  expect(reports).toMatchObject([
    { type: 'tool', phase: 'start', callId: 'call_1', name: 'echo', textOffset: 7 },
    { type: 'tool', phase: 'end', callId: 'call_1', status: 'completed', exitCode: 0 },
  ]);
  expect(JSON.parse(String(reports[0] && 'args' in reports[0] && reports[0].args))).toEqual({ text });
});

test('the start of a call is reported in one turn with its approval', async () => {
  const { task } = newTask();
  const turns: NewReport[][] = [];
  let isNewTurn = true;
  task.report = (report) => {
    if (isNewTurn) turns.push([]);
    isNewTurn = false;
    turns.at(-1)!.push(report);
    void setImmediate().then(() => {
      isNewTurn = true;
    });
  };
  using registration = server.serveTask(task);
  const called = call(await connect(registration.token), { text: 'x' }, 'ask');
  await expect.poll(() => turns[0]).toMatchObject([{ type: 'tool', phase: 'start' }, { type: 'approval' }]);
  const [, approval] = turns[0]!;
  if (approval?.type === 'approval') approvals.decide(approval.approvalId, 'deny');
  await called;
});

test('a call finds the folders of its task, even if the call before it removed them', async () => {
  const { task } = newTask();
  using registration = server.serveTask(task);
  rmSync(task.workspace.root, { recursive: true });
  await call(await connect(registration.token), { text: 'x' });
  expect(existsSync(task.workspace.root)).toBe(true);
});

test('the start of a call that reports nothing is reported while it runs', async () => {
  const { task, reports } = newTask();
  using registration = server.serveTask(task);
  const blocker = Promise.withResolvers<void>();
  blocked = blocker.promise;
  const called = call(await connect(registration.token), { text: 'x' });
  await expect.poll(() => reports).toMatchObject([{ type: 'tool', phase: 'start' }]);
  blocker.resolve();
  blocked = Promise.resolve();
  await called;
  expect(reports).toMatchObject([{ phase: 'start' }, { phase: 'end' }]);
});

test.for([
  ['without an identity', {}],
  ['of a session without a task', identity('agent:main:it0:b')],
  ['with half an identity', { _it0: { session: 'agent:main:it0:a' } }],
  ['with an invalid identity', { _it0: 'agent:main:it0:a' }],
] as const)('a gateway’s call %s runs no tool', async ([, args]) => {
  const { task } = newTask();
  using _registration = server.serveSession('agent:main:it0:a', task);
  const count = calls.length;
  expect(await call(await connect(server.token), { text: 'x', ...args })).toMatchObject({ isError: true });
  expect(calls).toHaveLength(count);
});

test('a task’s token is valid for that task only, until it is disposed', async () => {
  const [first, second] = [newTask(), newTask()];
  const registrations = [server.serveTask(first.task), server.serveTask(second.task)];
  const client = await connect(registrations[1]!.token);
  await call(client, { text: 'x' });
  expect(first.reports).toEqual([]);
  expect(second.reports).toHaveLength(2);
  for (const each of registrations) each[Symbol.dispose]();
  await expect(call(client, { text: 'x' })).rejects.toThrow();
});

test.for(['', 'wrong'])('a request with the token %j is refused', async (token) => {
  await expect(connect(token)).rejects.toThrow();
  const origin = await fetch(server.url, {
    method: 'POST',
    headers: { authorization: `Bearer ${server.token}`, origin: 'http://localhost' },
  });
  expect(origin.status).toBe(401);
});

test('a request with any other authorization header than the token is refused with 401', async () => {
  const char = fc.integer({ min: 0x20, max: 0xff }).filter((code) => code !== 0x7f);
  const text = (length: { minLength?: number; maxLength?: number }) =>
    fc.array(char, length).map((codes) => String.fromCharCode(...codes));
  const { length } = server.token;
  const header = fc
    .tuple(
      fc.constantFrom('', 'Bearer ', 'bearer '),
      fc.oneof(text({}), text({ minLength: length, maxLength: length })),
    )
    .map((parts) => parts.join(''));
  await fc.assert(
    fc.asyncProperty(header, async (authorization) => {
      expect((await fetch(server.url, { method: 'POST', headers: { authorization } })).status).toBe(401);
    }),
  );
  await connect(server.token);
});

test('a body of more than 8 MiB is refused before all of it is read', async () => {
  const headers = { authorization: `Bearer ${server.token}`, 'content-type': 'application/json' };
  const outcome = await fetch(server.url, { method: 'POST', headers, body: 'x'.repeat(9 * 1024 * 1024) }).then(
    ({ status }) => status,
    () => 'hung up',
  );
  expect([413, 'hung up']).toContain(outcome);
});

test.for([{ text: 1 }, { text: 'x', more: 1 }, {}, { text: 'x'.repeat(1_001) }])(
  'a call with the invalid arguments %j returns an error and runs nothing',
  async (args) => {
    const { task, reports } = newTask();
    using registration = server.serveTask(task);
    const count = calls.length;
    expect(await call(await connect(registration.token), args)).toMatchObject({ isError: true });
    expect([calls.length, reports]).toEqual([count, []]);
  },
);

test.for(['nothing', 'constructor', '__proto__'])('a call of the unknown tool %s returns an error', async (name) => {
  const { task } = newTask();
  using registration = server.serveTask(task);
  expect(await call(await connect(registration.token), {}, name)).toMatchObject({ isError: true });
});

test('a call is aborted when its client disconnects', async () => {
  const { task } = newTask();
  using registration = server.serveTask(task);
  const blocker = Promise.withResolvers<void>();
  blocked = blocker.promise;
  const client = await connect(registration.token);
  const count = calls.length;
  const called = call(client, { text: 'x' }).catch(() => 'disconnected');
  await expect.poll(() => calls.length).toBe(count + 1);
  await client.close();
  await expect.poll(() => calls.at(-1)!.call.signal.aborted).toBe(true);
  blocker.resolve();
  blocked = Promise.resolve();
  await called;
});

test.for([
  ['allow-once', 'ALLOWED'],
  ['deny', 'DENIED'],
] as const)(
  'the decision %s about a call of a disconnected client applies to the repeated call',
  async ([decision, status]) => {
    const { task, reports } = newTask();
    using registration = server.serveTask(task);
    const [lost, count, text] = [await connect(registration.token), calls.length, `text ${decision}`];
    const outcome = call(lost, { text }, 'ask').catch(() => 'disconnected');
    const listApprovals = () => reports.filter((report) => report.type === 'approval');
    await expect.poll(() => listApprovals().length).toBe(1);
    await lost.close();
    await expect.poll(() => calls[count]!.call.signal.aborted).toBe(true);
    expect(await outcome).toBe('disconnected');
    expect(approvals.decide(listApprovals()[0]!.approvalId, decision)).toBe('decided');
    expect(ran).not.toContain(text);
    const repeated = await call(await connect(registration.token), { text }, 'ask');
    expect(repeated).toMatchObject({ content: [{ text: status }] });
    expect(listApprovals().map((report) => report.status)).toEqual(['PENDING', 'PENDING', status]);
    expect(new Set(listApprovals().map(({ approvalId }) => approvalId)).size).toBe(1);
    expect(ran.filter((each) => each === text)).toHaveLength(1);
  },
);
