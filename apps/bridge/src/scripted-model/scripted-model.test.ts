import { expect, test } from 'vitest';
import { startScriptedModel } from './scripted-model.ts';

type Message = { role: string; content: unknown };
type Answer = { content: string; tool_calls?: { function: { arguments: string } }[] };
const INTERNAL_CONTEXT: Message = { role: 'user', content: '<<<BEGIN_OPENCLAW_INTERNAL_CONTEXT>>>\nslow error disk' };

async function startModel() {
  const scripted = await startScriptedModel();
  const { url } = scripted;
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
      const response = await (await post({ messages: [...messages, INTERNAL_CONTEXT], tools })).json();
      const { choices } = response as { choices: { message: Answer }[] };
      return choices[0]!.message;
    },
    [Symbol.asyncDispose]: scripted[Symbol.asyncDispose],
  };
}
const user = (content: unknown): Message => ({ role: 'user', content });
const tool = (content: string): Message => ({ role: 'tool', content });

test('the last message of the user chooses the answer and its language', async () => {
  await using scripted = await startModel();
  expect((await scripted.ask(user('Hello'))).content).toMatch(/^## A scripted reply/);
  expect((await scripted.ask(user('你好'))).content).toMatch(/^## 脚本回复/);
  expect((await scripted.ask(user('hello'), user('Show me CODE'))).content).toContain('```bash');
  expect((await scripted.ask(user('写一段代码'))).content).toMatch(/下面的小脚本/);
});

test('additions of OpenClaw to a message do not choose the answer', async () => {
  await using scripted = await startModel();
  const annotated = '[Sun 2026-11-22 08:41 UTC] Hello\n\nRuntime: agent=main | status=slow disk error';
  expect((await scripted.ask(user([{ type: 'text', text: annotated }]))).content).toMatch(/^## A scripted reply/);
});

test.for([
  ['server status?', 'uptime'],
  ['服务器状态', 'uptime'],
  ['disk', 'df -h'],
  ['磁盘', 'df -h'],
])('"%s" runs %s and quotes its output', async ([message, command]) => {
  await using scripted = await startModel();
  const first = await scripted.ask(user(message));
  expect(JSON.parse(first.tool_calls![0]!.function.arguments)).toEqual({ command });
  const second = await scripted.ask(user(message), tool('the output'));
  expect(second.tool_calls).toBeUndefined();
  expect(second.content).toContain('```text\nthe output\n```');
});

test('the commands in a message run one after the other', async () => {
  await using scripted = await startModel();
  const message = user('请执行 `df -h` 和 `uptime`');
  const readCommand = ({ tool_calls }: Answer) => JSON.parse(tool_calls![0]!.function.arguments).command;
  expect(readCommand(await scripted.ask(message))).toBe('df -h');
  expect(readCommand(await scripted.ask(message, tool('one')))).toBe('uptime');
  expect((await scripted.ask(message, tool('one'), tool('two'))).content).toContain('```text\ntwo\n```');
});

test('the answer to a denied command says that it was denied', async () => {
  await using scripted = await startModel();
  expect((await scripted.ask(user('disk'), tool('Exec denied (gateway id=x, user-denied): df -h'))).content).toContain(
    '**denied**',
  );
});

test('an answer streams in small deltas that make up its text', async () => {
  await using scripted = await startModel();
  const messages = [user('code')];
  const response = await scripted.post({ messages, stream: true });
  const lines = (await response.text()).split('\n').filter((line) => line.startsWith('data: '));
  expect(lines.pop()).toBe('data: [DONE]');
  const deltas = lines.map((line) => JSON.parse(line.slice(6)).choices[0]?.delta.content ?? '');
  expect(deltas.length).toBeGreaterThan(20);
  expect(deltas.join('')).toBe((await scripted.ask(...messages)).content);
});

test('the model refuses on request, and refuses an invalid request', async () => {
  await using scripted = await startModel();
  expect((await scripted.post({ messages: [user('make an error')] })).status).toBe(400);
  expect((await scripted.post({ messages: [] })).status).toBe(400);
  expect((await scripted.post('{"mess')).status).toBe(400);
});
