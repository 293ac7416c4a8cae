import { expect, test } from 'vitest';
import { startScriptedModel } from './scripted-model.ts';

type Message = { role: string; content: unknown };
type Answer = { content: string; tool_calls?: { function: { arguments: string } }[] };
const internal: Message = { role: 'user', content: '<<<BEGIN_OPENCLAW_INTERNAL_CONTEXT>>>\nslow error disk' };

async function model() {
  const { url, close } = await startScriptedModel();
  const post = (body: unknown) =>
    fetch(`${url}/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
  return {
    url,
    post,
    async ask(...messages: Message[]) {
      const tools = [{ type: 'function', function: { name: 'it0__run_command' } }];
      const answer = await (await post({ messages: [...messages, internal], tools })).json();
      const { choices } = answer as { choices: { message: Answer }[] };
      return choices[0]!.message;
    },
    [Symbol.asyncDispose]: close,
  };
}
const user = (content: unknown): Message => ({ role: 'user', content });
const tool = (content: string): Message => ({ role: 'tool', content });

test('an answer is chosen by the last thing the person said, in their language', async () => {
  await using scripted = await model();
  expect((await scripted.ask(user('Hello'))).content).toMatch(/^## A scripted reply/);
  expect((await scripted.ask(user('你好'))).content).toMatch(/^## 脚本回复/);
  expect((await scripted.ask(user('hello'), user('Show me CODE'))).content).toContain('```bash');
  expect((await scripted.ask(user('写一段代码'))).content).toMatch(/下面的小脚本/);
});

test('what OpenClaw adds to a message does not choose the answer', async () => {
  await using scripted = await model();
  const dressed = '[Sun 2026-11-22 08:41 UTC] Hello\n\nRuntime: agent=main | status=slow disk error';
  expect((await scripted.ask(user([{ type: 'text', text: dressed }]))).content).toMatch(/^## A scripted reply/);
});

test.for([
  ['server status?', 'uptime'],
  ['服务器状态', 'uptime'],
  ['disk', 'df -h'],
  ['磁盘', 'df -h'],
])('"%s" runs %s, and its output is quoted', async ([message, command]) => {
  await using scripted = await model();
  const first = await scripted.ask(user(message));
  expect(JSON.parse(first.tool_calls![0]!.function.arguments)).toEqual({ command });
  const second = await scripted.ask(user(message), tool('the output'));
  expect(second.tool_calls).toBeUndefined();
  expect(second.content).toContain('```text\nthe output\n```');
});

test('commands in a message are run one after the other', async () => {
  await using scripted = await model();
  const message = user('请执行 `df -h` 和 `uptime`');
  const commandOf = ({ tool_calls }: Answer) => JSON.parse(tool_calls![0]!.function.arguments).command;
  expect(commandOf(await scripted.ask(message))).toBe('df -h');
  expect(commandOf(await scripted.ask(message, tool('one')))).toBe('uptime');
  expect((await scripted.ask(message, tool('one'), tool('two'))).content).toContain('```text\ntwo\n```');
});

test('a denied command is told as denied', async () => {
  await using scripted = await model();
  expect((await scripted.ask(user('disk'), tool('Exec denied (gateway id=x, user-denied): df -h'))).content).toContain(
    '**denied**',
  );
});

test('an answer streams in small pieces that make up the whole', async () => {
  await using scripted = await model();
  const messages = [user('code')];
  const response = await scripted.post({ messages, stream: true });
  const lines = (await response.text()).split('\n').filter((line) => line.startsWith('data: '));
  expect(lines.pop()).toBe('data: [DONE]');
  const deltas = lines.map((line) => JSON.parse(line.slice(6)).choices[0]?.delta.content ?? '');
  expect(deltas.length).toBeGreaterThan(20);
  expect(deltas.join('')).toBe((await scripted.ask(...messages)).content);
});

test('it refuses on request, and what is no request', async () => {
  await using scripted = await model();
  expect((await scripted.post({ messages: [user('make an error')] })).status).toBe(400);
  expect((await scripted.post({ messages: [] })).status).toBe(400);
  expect((await scripted.post('{"mess')).status).toBe(400);
});
