import { randomUUID } from 'node:crypto';
import { createFixture } from '@it0/tests/support/fixture';
import { createForm, upload } from '@it0/tests/support/upload';
import { expect, test } from 'vitest';

const jsonTypes = ['application/json', 'Application/JSON', 'APPLICATION/JSON; Charset=UTF-8', 'application/json ;x=1'];
const otherTypes = ['application/jsonp', 'text/json', 'application/json5', 'application', ''];

test('every JSON route accepts the media type in any case, and refuses other types', async () => {
  await using world = await createFixture();
  const { app, user, instance } = world;
  const task = () => ({ message: 'hello', requestId: randomUUID() });
  const routes: Record<string, () => object> = {
    '/trpc/instance.createTask': () => ({ ...task(), instanceId: instance.id }),
    [`/api/v1/agent/instances/${instance.id}/tasks`]: task,
    '/mcp': () => ({ jsonrpc: '2.0', id: 1, method: 'tools/list' }),
  };
  for (const [path, body] of Object.entries(routes)) {
    const post = async (
      type: string,
      authHeaders: Record<string, string> = { authorization: `Bearer ${user.bearer}` },
    ) => {
      const headers = { 'content-type': type, accept: 'Application/JSON, Text/Event-Stream', ...authHeaders };
      return (await fetch(app.url + path, { method: 'POST', headers, body: Buffer.from(JSON.stringify(body())) }))
        .status;
    };
    for (const type of jsonTypes) expect([path, type, await post(type)]).toEqual([path, type, 200]);
    for (const type of otherTypes) expect([path, type, await post(type)]).toEqual([path, type, 415]);
    for (const scheme of ['bearer', 'BEARER', 'Bearer ']) {
      expect([scheme, await post(jsonTypes[0]!, { authorization: `${scheme} ${user.bearer}` })]).toEqual([scheme, 200]);
    }
  }
});

test('an upload accepts its headers in any case, and refuses other types', async () => {
  await using world = await createFixture();
  const { app, user } = world;
  const authorization = `bearer ${user.bearer}`;
  const form = '--X\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\nhello\r\n--X--\r\n';
  const upload = (type: string) =>
    fetch(`${app.url}/api/v1/agent/attachments`, {
      ...{ method: 'POST', body: Buffer.from(form) },
      headers: { authorization, 'content-type': type },
    });
  for (const type of [
    'multipart/form-data; boundary=X',
    'Multipart/Form-Data; boundary=X',
    'MULTIPART/FORM-DATA;BOUNDARY=X',
  ]) {
    expect([type, (await upload(type)).status]).toEqual([type, 200]);
  }
  for (const type of ['multipart/form-datax; boundary=X', 'multipart/form-data', 'text/plain; boundary=X']) {
    expect([type, (await upload(type)).status]).toEqual([type, 400]);
  }
});

test('a download accepts the bearer scheme in any case, of a person and of a bridge', async () => {
  await using world = await createFixture();
  const { app, user, bridge, client, instance } = world;
  const { body } = await upload(app.url, { authorization: `bearer ${user.bearer}` }, createForm('a.txt', 'hello'));
  const message = randomUUID();
  await client.instance.createTask.mutate({
    ...{ instanceId: instance.id, message, requestId: randomUUID(), attachmentIds: [body.id] },
  });
  const { callbackToken } = await bridge.task(message);
  for (const token of [user.bearer, callbackToken]) {
    for (const name of ['authorization', 'AUTHORIZATION']) {
      for (const scheme of ['Bearer', 'bearer', 'BEARER', 'Bearer ']) {
        const headers = { [name]: `${scheme} ${token}` };
        const response = await fetch(`${app.url}/api/v1/agent/attachments/${body.id}`, { headers });
        expect([name, scheme, response.status, await response.text()]).toEqual([name, scheme, 200, 'hello']);
      }
    }
  }
});

test('the callback and metrics routes accept the bearer scheme in any case', async () => {
  await using world = await createFixture({ metricsToken: 'a-long-enough-token' });
  const { task } = await world.send();
  const reported = await fetch(task.callbackUrl, {
    method: 'POST',
    headers: { authorization: `bearer ${task.callbackToken}` },
    body: JSON.stringify({ taskId: task.taskId, events: [{ type: 'heartbeat' }] }),
  });
  expect(reported.status).toBe(200);
  for (const [scheme, status] of [
    ['bearer', 200],
    ['BEARER', 200],
    ['Basic', 404],
  ] as const) {
    const headers = { authorization: `${scheme} a-long-enough-token` };
    expect([scheme, (await fetch(`${world.app.url}/metrics`, { headers })).status]).toEqual([scheme, status]);
  }
});
