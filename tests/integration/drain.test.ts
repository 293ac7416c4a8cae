import { randomUUID } from 'node:crypto';
import { request } from 'node:http';
import { testApp } from '@it0/tests/support/app';
import { until } from '@it0/tests/support/until';
import { expect, test } from 'vitest';

/** Creates a driver without instances, whose stop takes until `finish` is called. */
function slowDriver() {
  const { promise, resolve } = Promise.withResolvers<void>();
  const nothing = async () => {};
  return {
    finish: resolve,
    localDriver: () => ({
      ...{ start() {}, stop: nothing, remove: nothing, removeTenant: nothing },
      [Symbol.asyncDispose]: () => promise,
    }),
  };
}

const isRefused = (url: string) =>
  fetch(`${url}/healthz`).then(
    () => false,
    () => true,
  );

test('a server that is being stopped is not ready, and serves requests until its instances have ended', async () => {
  const { finish, localDriver } = slowDriver();
  await using app = await testApp({ localDriver });
  const user = await app.newUser();
  const stopped = app.stop();
  const ready = await fetch(`${app.url}/readyz`);
  expect([ready.status, await ready.json()]).toEqual([503, { ready: false, wrong: { stop: 'It is being stopped.' } }]);
  expect(await app.client(user).auth.me.query()).toMatchObject({ user: { id: user.id } });
  finish();
  await stopped;
  expect(await isRefused(app.url)).toBe(true);
});

test('a stopping server still responds to a request whose body has not arrived when it refuses connections', async () => {
  await using app = await testApp();
  const user = await app.newUser();
  const boundary = randomUUID();
  const upload = request(`${app.url}/api/v1/agent/attachments`, {
    method: 'POST',
    headers: { authorization: `Bearer ${user.bearer}`, 'content-type': `multipart/form-data; boundary=${boundary}` },
  });
  const status = new Promise((resolve, reject) => {
    upload.on('response', (response) => resolve(response.resume().statusCode)).on('error', reject);
  });
  upload.write(`--${boundary}\r\ncontent-disposition: form-data; name="file"; filename="a.txt"\r\n\r\nfirst`);
  // The server has the request when it responds to a later one.
  expect(await isRefused(app.url)).toBe(false);
  const stopped = app.stop();
  await until(() => isRefused(app.url));
  upload.end(` and last\r\n--${boundary}--\r\n`);
  expect(await status).toBe(200);
  await stopped;
});
