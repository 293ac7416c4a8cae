import { randomUUID } from 'node:crypto';
import { type TestApp, testApp } from './app.ts';
import { fakeBridge } from './fake-bridge.ts';

/** Sets up a server, a fake bridge, a person and that person's running instance. */
export async function createFixture(options: Parameters<typeof testApp>[0] = {}) {
  const stack = new AsyncDisposableStack();
  const bridge = stack.use(fakeBridge());
  const app: TestApp = stack.use(await testApp(options));
  const user = await app.newUser();
  const instance = await app.newInstance(user, { bridgeUrl: bridge.url });
  const client = app.client(user);
  return {
    app,
    bridge,
    user,
    instance,
    client,
    /** Sends a message and waits until the bridge has it. */
    async send(message = `hello ${randomUUID()}`, sessionId?: string, instanceId = instance.id) {
      const ids = await client.instance.createTask.mutate({
        instanceId,
        sessionId,
        message,
        requestId: randomUUID(),
      });
      return { ...ids, message, task: await bridge.task(message) };
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}
