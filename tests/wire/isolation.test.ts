import { randomUUID } from 'node:crypto';
import type { TaskRequest } from '@it0/contracts/bridge';
import type { ChatEvent } from '@it0/contracts/chat-event';
import { type TestApp, testApp } from '@it0/tests/support/app';
import { type FakeBridge, fakeBridge } from '@it0/tests/support/fake-bridge';
import { follow } from '@it0/tests/support/follow';
import { expect, test } from 'vitest';

type Client = ReturnType<TestApp['client']>;
type Chat = { name: string; client: Client; sessionId: string; task: TaskRequest; events: ReturnType<typeof follow> };

const pieces = ['Part one of ', 'part two of ', 'part three of '];

/** Sends a message and listens to what becomes of it. */
async function begin(bridge: FakeBridge, client: Client, name: string, instanceId: string | null): Promise<Chat> {
  const input = { message: `question of ${name}`, requestId: randomUUID() };
  const { sessionId } = await (instanceId
    ? client.instance.createTask.mutate({ instanceId, ...input })
    : client.assistant.createTask.mutate(input));
  const task = await bridge.task(input.message);
  const events = follow(client, sessionId, '0');
  await events.next('message');
  return { name, client, sessionId, task, events };
}

/** One person's chats: with iAgent and with so many instances of their own, over one connection. */
async function chatsOf(app: TestApp, bridge: FakeBridge, person: string, instances: number) {
  const user = await app.newUser({ name: person });
  const client = app.client(user);
  const chats = [await begin(bridge, client, `${person}-iAgent`, null)];
  for (let n = 0; n < instances; n++) {
    const { id } = await app.newInstance(user, { bridgeUrl: bridge.url });
    chats.push(await begin(bridge, client, `${person}-instance-${n}`, id));
  }
  return chats;
}

/** All of them answer at once, piece by piece, each with its name. */
async function answer(bridge: FakeBridge, chats: Chat[]) {
  const said = new Map(chats.map(({ name }) => [name, '']));
  await Promise.all(chats.map(({ task }) => bridge.report(task, { type: 'task', status: 'RUNNING' })));
  for (const piece of pieces) {
    await Promise.all(
      chats.map(({ name, task }) => {
        const delta = `${piece}${name}. `;
        const offset = said.get(name)!.length;
        said.set(name, said.get(name)! + delta);
        const step = { type: 'tool', phase: 'start', callId: piece, name: 'exec', title: `${piece}${name}` } as const;
        return bridge.report(task, { type: 'text', offset, delta }, { ...step, textOffset: offset });
      }),
    );
  }
  await Promise.all(chats.map(({ name, task }) => bridge.report(task, { type: 'completed', text: said.get(name)! })));
  await Promise.all(chats.map(({ events }) => events.next('completed')));
}

async function stage() {
  const stack = new AsyncDisposableStack();
  const bridge = stack.use(fakeBridge());
  const app = stack.use(await testApp());
  await app.newAssistant({ bridgeUrl: bridge.url });
  return { app, bridge, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

test('iAgent and three instances stream at once for two people, and no event or message of one reaches another', async () => {
  await using on = await stage();
  const chats = [...(await chatsOf(on.app, on.bridge, 'Ada', 3)), ...(await chatsOf(on.app, on.bridge, 'Bob', 3))];
  await answer(on.bridge, chats);
  for (const { name, client, sessionId, events } of chats) {
    const heard = JSON.stringify(events.events());
    const kept = JSON.stringify(await client.session.messages.query({ sessionId }));
    for (const said of [heard, kept]) {
      expect(said).toContain(`part three of ${name}`);
      for (const other of chats)
        if (other.name !== name) expect([name, said.includes(other.name)]).toEqual([name, false]);
    }
    events.end();
  }
  const [ada] = chats;
  const { items } = await ada!.client.assistant.sessions.query({});
  expect(items.map(({ title }) => title)).toEqual(['question of Ada-iAgent']);
});

/** What comes, less what is another one each time. DISPATCHED may come before or after what the bridge says first. */
const traffic = (events: ChatEvent[]) =>
  events
    .filter((event) => !(event.type === 'task' && event.status === 'DISPATCHED'))
    .map(({ taskId: _, ...event }) => ({ ...event, at: 0, seq: 0, messageId: '', requestId: '' }));

test('iAgent’s traffic is the same whether instances are talked to or not', async () => {
  const heard: ReturnType<typeof traffic>[] = [];
  for (const instances of [0, 3]) {
    await using on = await stage();
    const chats = await chatsOf(on.app, on.bridge, 'Ada', instances);
    await answer(on.bridge, chats);
    heard.push(traffic(chats[0]!.events.events()));
    for (const { events } of chats) events.end();
  }
  expect(heard[1]).toEqual(heard[0]);
});
