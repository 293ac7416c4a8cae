import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createOpenApiDocument, listRestOperations } from '@it0/api/rest/document';
import type { RestMeta } from '@it0/api/rest/rest';
import { appRouter } from '@it0/api/router';
import { Attachment } from '@it0/contracts/attachment';
import { ErrorResponse } from '@it0/contracts/error-response';
import { limits } from '@it0/contracts/limits';
import { approvalReport } from '@it0/tests/support/approval';
import { createFixture } from '@it0/tests/support/fixture';
import { callOperation, restClient } from '@it0/tests/support/rest';
import { until } from '@it0/tests/support/until';
import { validate } from '@readme/openapi-parser';
import type { AnyTRPCRouter } from '@trpc/server';
import { generateSource } from 'oazapfts';
import { expect, test } from 'vitest';
import { z } from 'zod';

type World = Awaited<ReturnType<typeof createFixture>>;
type Input = Record<string, unknown>;

const operations = listRestOperations(createOpenApiDocument('/api/v1'));
const procedures: Record<string, { _def: { meta?: RestMeta } }> = (appRouter as AnyTRPCRouter)._def.procedures;

/** Creates a session with text, a tool call, a pending approval and a queued message. */
async function createSession({ bridge, instance, send, client }: World) {
  const { sessionId, taskId, task } = await send('first');
  await bridge.report(
    task,
    { type: 'task', status: 'RUNNING' },
    { type: 'text', offset: 0, delta: 'looking' },
    { type: 'tool', phase: 'start', callId: 'a', name: 'exec', title: 'df', args: '{}', textOffset: 3 },
    { type: 'tool', phase: 'end', callId: 'a', status: 'completed', output: 'full', exitCode: 0, durationMs: 1.5 },
    { type: 'completed', text: 'looking again' },
  );
  const next = await send('second', sessionId);
  const report = approvalReport({ command: 'rm', cwd: '/', allowedDecisions: ['deny'] });
  await bridge.report(next.task, report);
  const waiting = { instanceId: instance.id, sessionId, message: 'third', requestId: randomUUID() };
  const { taskId: queuedId } = await client.instance.createTask.mutate(waiting);
  return { sessionId, taskId, queuedId, approvalId: report.approvalId };
}

test('every documented operation responds as documented', async () => {
  await using world = await createFixture({ bridgePackage: { version: '1', path: '/bridge/1.tgz', file: '/nowhere' } });
  const { app, instance, user } = world;
  const { sessionId, taskId, queuedId, approvalId } = await createSession(world);
  await app.newAssistant({ bridgeUrl: world.bridge.url });
  const [instanceId, other] = [instance.id, await app.newUser({ role: 'viewer' })];
  const model = { provider: 'scripted', name: null, baseUrl: null };
  const newPrompt = async () => (await world.client.prompt.create.mutate({ name: 'p', text: 'x' })).id;
  const shares = () => world.client.instance.shares.query({ instanceId });
  const inputs: Record<string, Input | (() => Promise<Input>)> = {
    'auth.me': {},
    'member.list': {},
    'instance.list': {},
    'instance.byId': { instanceId },
    'instance.create': { requestId: randomUUID(), name: 'New' },
    'instance.enroll': async () => {
      const remote = { requestId: randomUUID(), name: 'Far away', driver: 'remote' } as const;
      return { instanceId: (await world.client.instance.create.mutate(remote)).id };
    },
    'instance.rename': { instanceId, name: 'New' },
    'instance.start': { instanceId },
    'instance.logs': { instanceId },
    'instance.testModel': { instanceId, model },
    'instance.createTask': { instanceId, message: 'x', requestId: randomUUID() },
    'instance.sessions': { instanceId, limit: 1 },
    'instance.share': { instanceId, with: { userId: other.id } },
    'instance.shares': { instanceId },
    'instance.unshare': async () => ({ instanceId, shareId: (await shares())[0]!.id }),
    'assistant.status': {},
    'assistant.createTask': { message: 'x', requestId: randomUUID() },
    'assistant.sessions': { limit: 1 },
    'session.messages': { sessionId },
    'draft.get': { sessionId },
    'draft.save': { sessionId, text: 'x', revision: 0 },
    'usage.byDay': { days: 7, timeZone: 'Asia/Shanghai' },
    'usage.prices': {},
    'session.search': { query: 'rm', limit: 1 },
    'session.update': { sessionId, title: 'New', pinned: true },
    'session.markRead': { sessionId, seq: 1 },
    'session.selectBranch': { sessionId, taskId },
    'voice.status': {},
    'approval.pending': {},
    'approval.find': { approvalId },
    'approval.rules': { instanceId },
    'approval.setRules': async () => {
      const { revision } = await world.client.approval.rules.query({ instanceId });
      return { instanceId, rules: [{ kind: 'exec', pattern: 'df *', action: 'allow' }], revision };
    },
    'approval.resolve': { approvalId, decision: 'deny', seen: { command: 'rm', cwd: '/', allowedDecisions: ['deny'] } },
    'queue.edit': { taskId: queuedId, message: 'fourth', attachmentIds: [] },
    'queue.move': { taskId: queuedId, beforeTaskId: null },
    'queue.sendNow': { taskId: queuedId },
    'prompt.list': {},
    'prompt.create': { name: 'Disks', text: 'Check {{host}}' },
    'prompt.update': async () => ({ promptId: await newPrompt(), name: 'New', text: 'x', shared: true }),
    'prompt.remove': async () => ({ promptId: await newPrompt() }),
    'task.cancel': { taskId },
    'session.delete': { sessionId },
    'session.restore': { sessionId },
    'instance.setModel': { instanceId, model },
    'instance.setSharedFolder': { instanceId, writable: true },
    'instance.restart': { instanceId },
    'instance.stop': { instanceId },
    'instance.remove': { instanceId },
  };
  expect(operations.map(({ procedure }) => procedure).sort()).toEqual(Object.keys(inputs).sort());

  const call = restClient(app.url, { authorization: `Bearer ${user.bearer}` });
  for (const [procedure, input] of Object.entries(inputs)) {
    const operation = operations.find((one) => one.procedure === procedure)!;
    const { status, body } = await callOperation(call, operation, typeof input === 'function' ? await input() : input);
    const { response } = procedures[procedure]!._def.meta!;
    expect([procedure, status]).toEqual([procedure, response ? 200 : 204]);
    // Parsing drops undocumented fields.
    expect([procedure, (response ?? z.undefined()).parse(body)]).toEqual([procedure, body]);
  }
});

test('uploads and downloads respond as documented, errors included', async () => {
  await using world = await createFixture();
  const { app, user } = world;
  const { servers, paths, components } = createOpenApiDocument('/api/v1');
  const documented = Object.entries(paths!).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, ...operation })),
  );
  const [up, down] = ['uploadAttachment', 'downloadAttachment'].map((name) => {
    const { path, method, ...operation } = documented.find(({ operationId }) => operationId === name)!;
    const responses: Record<string, { description: string }> = operation.responses;
    return {
      requestBody: operation.requestBody,
      /** Calls the operation. Expects that a refusal is documented with its status. */
      async call(headers: Record<string, string>, body?: FormData, id = '') {
        const url = `${app.url}${servers![0]!.url}${path.replace('{attachmentId}', id)}`;
        const response = await fetch(url, { method: method.toUpperCase(), headers, body });
        if (response.ok) return { status: response.status, body: await response.text() };
        const { reason } = ErrorResponse.parse(await response.json());
        expect(responses[response.status]?.description.split(', ')).toContain(reason);
        return { status: response.status, reason };
      },
    };
  });
  const { schema } = up!.requestBody.content['multipart/form-data'];
  const { properties } = components!.schemas![schema.$ref.split('/').at(-1)] as { properties: Record<string, Input> };
  const field = Object.keys(properties).find((name) => properties[name]!.format === 'binary')!;
  const form = (name: string, content: BlobPart) => {
    const filled = new FormData();
    filled.append(field, new File([content], name));
    return filled;
  };

  const owner = { authorization: `Bearer ${user.bearer}` };
  const uploadResponse = await up!.call(owner, form('report.txt', 'twelve bytes'));
  const attachment = Attachment.strict().parse(JSON.parse(uploadResponse.body!));
  const message = 'look at this';
  const taskInput = { instanceId: world.instance.id, message, requestId: randomUUID(), attachmentIds: [attachment.id] };
  await world.client.instance.createTask.mutate(taskInput);
  expect(await down!.call(owner, undefined, attachment.id)).toEqual({ status: 200, body: 'twelve bytes' });

  const reads = await world.client.apiKey.create.mutate({ name: 'reads', scopes: ['instance:read'], days: 1 });
  const viewer = { authorization: `Bearer ${(await app.newUser({ role: 'viewer' })).bearer}` };
  expect([
    await up!.call({}, form('a.txt', 'a')),
    await up!.call({ 'x-api-key': reads.key }, form('a.txt', 'a')),
    await up!.call(owner, new FormData()),
    await up!.call(owner, form('a.exe', 'MZ\0\x01')),
    await up!.call(owner, form('a.txt', Buffer.alloc(limits.attachmentBytes + 1, 'a'))),
    await down!.call({}, undefined, attachment.id),
    await down!.call(viewer, undefined, attachment.id),
    await down!.call(owner, undefined, 'none'),
  ]).toEqual([
    { status: 401, reason: 'NOT_SIGNED_IN' },
    { status: 403, reason: 'FORBIDDEN' },
    { status: 400, reason: 'INVALID_INPUT' },
    { status: 415, reason: 'ATTACHMENT_TYPE_REFUSED' },
    { status: 413, reason: 'ATTACHMENT_TOO_LARGE' },
    { status: 401, reason: 'NOT_SIGNED_IN' },
    { status: 404, reason: 'ATTACHMENT_NOT_FOUND' },
    { status: 404, reason: 'ATTACHMENT_NOT_FOUND' },
  ]);
});

test('tRPC and REST return the same content and the same errors', async () => {
  await using world = await createFixture();
  const { app, instance, user } = world;
  const { sessionId, approvalId } = await createSession(world);
  await world.client.instance.share.mutate({ instanceId: instance.id, with: { role: 'viewer' } });
  const headers = { authorization: `Bearer ${user.bearer}` };
  const call = restClient(app.url, headers);
  const byName = async (procedure: string, input: Input) => {
    const query = new URLSearchParams({ input: JSON.stringify(input) });
    const { result, error } = await (await fetch(`${app.url}/trpc/${procedure}?${query}`, { headers })).json();
    const { data } = result ?? error;
    if (result) return [200, data];
    return [data.httpStatus, { reason: data.reason, message: error.message, issues: data.issues }];
  };
  const queries = operations.filter(({ method }) => method === 'get');
  for (const operation of queries) {
    for (const ids of [
      { instanceId: instance.id, sessionId, approvalId },
      { instanceId: randomUUID(), sessionId: randomUUID(), approvalId: randomUUID() },
      { instanceId: 'x', sessionId: 'x', approvalId: 'x' },
    ]) {
      const pathValues = Object.entries(ids).filter(([name]) => operation.path.includes(`{${name}}`));
      const limited = operation.numbers.map((name) => [name, 2]);
      const input = Object.fromEntries([...pathValues, ...limited]);
      const { status, body } = await callOperation(call, operation, input);
      expect([operation.procedure, status, body]).toEqual([
        operation.procedure,
        ...(await byName(operation.procedure, input)),
      ]);
    }
  }
});

test('the OpenAPI document is valid and public', async () => {
  await using world = await createFixture();
  const { status, body } = await restClient(world.app.url)('GET', '/openapi.json');
  expect([status, body.openapi, body.servers]).toEqual([200, '3.1.0', [{ url: '/api/v1' }]]);
  expect(await validate(body)).toMatchObject({ valid: true, warnings: [] });
});

test('the OpenAPI document has a unique name for everything and no ambiguous schema', () => {
  const { paths, components } = createOpenApiDocument('/api/v1');
  const documented = Object.values(paths!).flatMap((methods) => Object.values(methods));
  const names = documented.map(({ operationId }) => operationId);
  expect(new Set(names).size).toBe(names.length);
  const isNamed = (schema: object) => '$ref' in schema;
  for (const { operationId, summary, tags, security, requestBody, responses } of documented) {
    expect(operationId).toMatch(/^[a-z][a-zA-Z]+$/);
    expect([typeof summary, tags, security]).toEqual([
      'string',
      [expect.any(String)],
      [{ apiKey: [] }, { bearer: [] }],
    ]);
    const contents = [requestBody, ...Object.values(responses)].flatMap((body) => Object.values(body?.content ?? {}));
    for (const { schema } of contents as { schema: { items?: object; format?: string } }[]) {
      const isBytes = schema.format === 'binary';
      expect([operationId, isBytes || isNamed(schema.items ?? schema)]).toEqual([operationId, true]);
    }
  }
  const all = JSON.stringify({ paths, components });
  for (const name of Object.keys(components!.schemas!)) {
    expect(name).toMatch(/^[A-Z][a-zA-Z]+$/);
    expect(all).toContain(`"#/components/schemas/${name}"`);
  }
  JSON.parse(all, (_, schema) => {
    const { anyOf = [], oneOf = [], discriminator } = Object(schema);
    expect(schema).not.toMatchObject({ const: expect.anything() });
    expect(schema).not.toMatchObject({ format: expect.any(String), pattern: expect.anything() });
    const options = [...oneOf, ...anyOf.filter(({ type }: { type?: string }) => type !== 'null')];
    expect(options.filter((option) => !isNamed(option))).toEqual([]);
    if (oneOf.length > 0) expect(Object.values(discriminator.mapping)).toHaveLength(oneOf.length);
    return schema;
  });
});

test('a generated client compiles and can talk to an agent', async () => {
  await using world = await createFixture();
  const { app, bridge, instance, client: owner } = world;
  const generatedDir = join(import.meta.dirname, '../generated');
  mkdirSync(generatedDir, { recursive: true });
  const dir = mkdtempSync(join(generatedDir, 'client-'));
  try {
    writeFileSync(join(dir, 'openapi.json'), JSON.stringify(createOpenApiDocument('/api/v1')));
    writeFileSync(join(dir, 'client.ts'), await generateSource(join(dir, 'openapi.json')));
    writeFileSync(join(dir, 'tsconfig.json'), JSON.stringify({ extends: '../../tsconfig.json', include: ['*.ts'] }));
    await promisify(execFile)(join(import.meta.dirname, '../node_modules/.bin/tsc'), ['--project', dir]);

    const client = await import(join(dir, 'client.ts'));
    const { key } = await owner.apiKey.create.mutate({ name: 'x', scopes: ['instance:use', 'session:read'], days: 1 });
    Object.assign(client.defaults, { baseUrl: `${app.url}/api/v1`, headers: { 'x-api-key': key } });
    const file = new File(['twelve bytes'], 'report.txt');
    const { data: attachment } = await client.uploadAttachment({ file });
    const hello = { message: 'hello', requestId: randomUUID(), attachmentIds: [attachment.id] };
    const created = await client.createTask(instance.id, hello);
    expect(created).toMatchObject({ status: 200, data: { sessionId: expect.any(String) } });
    expect(await client.downloadAttachment(attachment.id)).toMatchObject({ status: 200, data: 'twelve bytes' });
    await bridge.report(await bridge.task('hello'), { type: 'completed', text: 'hi' });
    const replied = await until(async () => {
      const { data } = await client.listMessages(created.data.sessionId, { limit: 1 });
      return data.messages[0]?.role === 'assistant' && data.messages[0];
    });
    expect(replied).toMatchObject({ status: 'COMPLETED', parts: [{ type: 'text', text: 'hi' }] });
    expect(await client.cancelTask(created.data.taskId)).toMatchObject({ status: 403, data: { reason: 'FORBIDDEN' } });
  } finally {
    rmSync(dir, { recursive: true });
  }
});
