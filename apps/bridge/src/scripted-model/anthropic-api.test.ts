import Anthropic, { type APIError } from '@anthropic-ai/sdk';
import type { MessageParam } from '@anthropic-ai/sdk/resources/messages';
import { expect, test } from 'vitest';
import { startScriptedModel } from './scripted-model.ts';

async function startModel() {
  const scripted = await startScriptedModel();
  const { anthropicUrl } = scripted;
  const client = new Anthropic({ apiKey: 'any', baseURL: anthropicUrl, maxRetries: 0 });
  const request = (content: MessageParam[] | string, ...names: string[]) => ({
    model: 'scripted',
    max_tokens: 1_000,
    messages: typeof content === 'string' ? [{ role: 'user' as const, content }] : content,
    tools: names.map((name) => ({ name, input_schema: { type: 'object' as const } })),
  });
  return {
    url: anthropicUrl,
    ask: (content: MessageParam[] | string, ...tools: string[]) => client.messages.create(request(content, ...tools)),
    stream: (content: string, ...tools: string[]) => client.messages.stream(request(content, ...tools)),
    [Symbol.asyncDispose]: scripted[Symbol.asyncDispose],
  };
}

test.for([
  ['disk', 'mcp__it0__run_command', { command: 'df -h' }],
  ['状态', 'it0__run_command', { command: 'uptime' }],
  ['Which instance is idle?', 'mcp__platform__list_instances', {}],
  ['哪个实例空闲？', 'list_instances', {}],
  ['What waits for approval?', 'pending_approvals', {}],
  ['What failed lately?', 'recent_failures', {}],
] as const)('"%s" calls %s, with and without streaming', async ([message, name, input]) => {
  await using scripted = await startModel();
  const call = { type: 'tool_use', name, input };
  const complete = await scripted.ask(message, 'Read', name);
  expect(complete).toMatchObject({ stop_reason: 'tool_use', content: [{ type: 'text' }, call] });
  const streamed = await scripted.stream(message, 'Read', name).finalMessage();
  expect(streamed).toMatchObject({ stop_reason: 'tool_use', content: [complete.content[0], call] });
});

test('a tool output is quoted, and additions of Claude Code do not choose the answer', async () => {
  await using scripted = await startModel();
  const reminder = { type: 'text', text: '<system-reminder>slow error disk</system-reminder>' } as const;
  const response = await scripted.ask([
    { role: 'user', content: [reminder, { type: 'text', text: 'status' }] },
    { role: 'assistant', content: [{ type: 'tool_use', id: 'a', name: 'Bash', input: {} }] },
    { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'a', content: 'up 3 days' }, reminder] },
  ]);
  expect(response.content).toMatchObject([{ text: expect.stringContaining('```text\nup 3 days\n```') }]);
});

test('the answer lists attachments by name and size, and their text does not choose it', async () => {
  await using scripted = await startModel();
  const source = <const T>(media_type: T, content: string) =>
    ({ type: 'base64', media_type, data: Buffer.from(content).toString('base64') }) as const;
  const response = await scripted.ask([
    {
      role: 'user',
      content: [
        { type: 'text', text: 'slow.png:' },
        { type: 'image', source: source('image/png', 'an image') },
        { type: 'document', title: 'disk.pdf', source: source('application/pdf', '%PDF-1.7') },
        { type: 'document', title: 'a.txt', source: { type: 'text', media_type: 'text/plain', data: '错误' } },
        { type: 'text', text: 'Hello' },
        { type: 'text', text: '[Image: source: /tmp/error/1.png]' },
      ],
    },
  ]);
  expect(response.content).toEqual([
    { type: 'text', text: 'I got slow.png, 8 bytes; disk.pdf, 8 bytes; a.txt, 6 bytes.' },
  ]);
});

test('a message whose tool is missing gets another answer', async () => {
  await using scripted = await startModel();
  expect((await scripted.ask('disk')).content).toMatchObject([
    { text: expect.stringContaining('nothing here to run') },
  ]);
  expect((await scripted.ask('idle?')).content).toMatchObject([{ text: expect.stringContaining('A scripted reply') }]);
});

test.for([
  ['error 401', 401, 'authentication_error'],
  ['错误 401', 401, 'authentication_error'],
  ['error 429', 429, 'rate_limit_error'],
  ['error 529', 529, 'overloaded_error'],
  ['error: too long', 400, 'invalid_request_error'],
  ['make an error', 400, 'invalid_request_error'],
] as const)('"%s" is refused with %i, %s', async ([message, status, type]) => {
  await using scripted = await startModel();
  const error = await scripted.ask(message).catch((error: APIError) => error);
  expect(error).toMatchObject({ status, type });
});

test('a request needs a key, in the header of Claude Code or of the SDK', async () => {
  await using scripted = await startModel();
  const post = (headers: Record<string, string>) =>
    fetch(`${scripted.url}/v1/messages?beta=true`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ model: 'scripted', max_tokens: 1, messages: [{ role: 'user', content: 'Hello' }] }),
    });
  const keys: Record<string, string>[] = [{}, { 'x-api-key': 'any' }, { authorization: 'Bearer any' }];
  expect(await Promise.all(keys.map(async (key) => (await post(key)).status))).toEqual([401, 200, 200]);
});
