import { randomUUID } from 'node:crypto';
import { resealInstances } from '@it0/api/agent/instance/reseal';
import { CALLBACK_PATH, type TaskRequest } from '@it0/contracts/bridge';
import type { Server } from '@it0/server/server';
import { browserCookies } from '@it0/tests/support/browser-cookies';
import { createFixture } from '@it0/tests/support/fixture';
import { follow } from '@it0/tests/support/follow';
import { forgetLastCode, totp } from '@it0/tests/support/totp';
import { expect, test } from 'vitest';

type Browser = ReturnType<typeof browserCookies>;
const email = 'grace@example.com';
const password = 'correct horse battery';

/** Returns the name of the person who is signed in with a browser at a server, or the reason. */
async function readName(browser: Browser, server: Pick<Server, 'url'>) {
  const response = await (await browser.fetch(`${server.url}/trpc/auth.me`)).json();
  return response.result?.data.user.name ?? response.error.data.reason;
}
const withCallbackTo = ({ url }: Pick<Server, 'url'>, task: TaskRequest): TaskRequest => ({
  ...task,
  callbackUrl: new URL(CALLBACK_PATH, url).href,
});

test('a secret can be changed step by step on two running servers without an interruption', async () => {
  const [old, next] = [randomUUID(), randomUUID()];
  await using world = await createFixture({ secret: old });
  const { app, bridge, user, instance } = world;
  const grace = await app.newUser({ name: 'Grace', email, password });
  const factor = await app.client(grace).secondFactor.begin.mutate({ password });
  await app.client(grace).secondFactor.confirm.mutate({ code: totp(factor.secret) });
  const browser = browserCookies((await app.newLogin(grace.id)).cookie);
  const { task, sessionId } = await world.send();
  await bridge.report(task, { type: 'task', status: 'RUNNING' });

  const requestChallenge = async ({ url }: Pick<Server, 'url'>) =>
    (await app.client(undefined, url).auth.signIn.mutate({ email, password })).challenge!;
  async function verifyCode({ url }: Pick<Server, 'url'>, challenge: string) {
    await forgetLastCode(app.database);
    const code = totp(factor.secret);
    return app.client(undefined, url).auth.verifyCode.mutate({ challenge, code, by: 'bearer' });
  }
  /** Sends a task at one server and its reports to another. */
  async function runTask({ url }: Pick<Server, 'url'>, as: { cookie: string }, reportTo: Pick<Server, 'url'>) {
    const message = `hello ${randomUUID()}`;
    const input = { instanceId: instance.id, message, requestId: randomUUID() };
    await app.client(as, url).instance.createTask.mutate(input);
    const received = await bridge.task(message);
    expect((await bridge.report(withCallbackTo(reportTo, received), { type: 'completed', text: 'done' })).status).toBe(
      200,
    );
  }

  const knowsNext = await app.another({ secretNext: next });
  expect(await readName(browser, knowsNext)).toBe('Grace');
  await runTask(app, user, knowsNext);
  await expect(app.another({ secret: next, secretBefore: old })).rejects.toThrow('IT0_SECRET_NEXT');
  await app.stop();

  const hasNext = await app.another({ secret: next, secretBefore: old });
  await verifyCode(hasNext, await requestChallenge(knowsNext));
  await verifyCode(knowsNext, await requestChallenge(hasNext));
  await runTask(knowsNext, user, hasNext);
  await runTask(hasNext, user, knowsNext);
  const delta = { type: 'text', offset: 0, delta: 'One ' } as const;
  expect((await bridge.report(withCallbackTo(hasNext, task), delta)).status).toBe(200);
  expect(await readName(browser, knowsNext)).toBe('Grace');
  const names = browser.names();
  expect(await readName(browser, hasNext)).toBe('Grace');
  expect(browser.names()).not.toEqual(names);
  for (const server of [knowsNext, hasNext]) expect(await readName(browser, server)).toBe('Grace');
  expect(browser.names().length).toBe(1);
  await knowsNext.close();

  await bridge.report(withCallbackTo(hasNext, task), { type: 'completed', text: 'One two' });
  using events = follow(app.client(user, hasNext.url), sessionId, '0');
  expect(await events.next('completed')).toMatchObject({ text: 'One two' });

  const challenge = await requestChallenge(hasNext);
  const forgotOld = await app.another({ secret: next });
  await verifyCode(forgotOld, challenge);
  await hasNext.close();
  expect(await readName(browser, forgotOld)).toBe('Grace');
  await verifyCode(forgotOld, await requestChallenge(forgotOld));
  expect(await readName(browserCookies(user.cookie), forgotOld)).toBe('NOT_SIGNED_IN');
  expect((await bridge.report(withCallbackTo(forgotOld, task), { type: 'heartbeat' })).status).toBe(401);
});

test('values that a server still seals with an outgoing secret are sealed again with the current one', async () => {
  const [old, next] = [randomUUID(), randomUUID()];
  await using world = await createFixture({ secret: old, secretNext: next });
  const { app, instance } = world;
  const where = { id: instance.id };
  const isSealedWithOld = async () => {
    const { bridgeSecret } = await app.tenant.agentInstance.findUniqueOrThrow({ where });
    return app.services.keys.current.open(bridgeSecret) !== null;
  };
  expect(await isSealedWithOld()).toBe(true);
  const other = await app.another({ secret: next, secretBefore: old });
  expect(await isSealedWithOld()).toBe(false);

  await app.tenant.agentInstance.update({ where, data: { bridgeSecret: app.services.keys.seal('bridge-secret') } });
  expect(await isSealedWithOld()).toBe(true);
  await resealInstances(other.services);
  await resealInstances(app.services);
  expect(await isSealedWithOld()).toBe(false);
});
