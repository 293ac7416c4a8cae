import { createHash, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { removeInaccessible } from '@it0/api/agent/attachment/remove-inaccessible';
import { limits } from '@it0/contracts/limits';
import { drain } from '@it0/server/attachments/receive';
import { runExport, runRemoval } from '@it0/server/cli/tenants/remove';
import { createFixture } from '@it0/tests/support/fixture';
import { getRefusal } from '@it0/tests/support/refusal';
import { until } from '@it0/tests/support/until';
import { createForm, upload } from '@it0/tests/support/upload';
import { expect, test } from 'vitest';

type World = Awaited<ReturnType<typeof createFixture>>;
type Holder = { bearer: string };

const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);
const toBearer = ({ bearer }: Holder) => ({ authorization: `Bearer ${bearer}` });

/** Lists the files of attachments and uploads on the server's disk. */
const listStoredFiles = ({ app }: World) =>
  ['attachments', 'uploads'].flatMap((folder) => {
    const dir = join(app.dataDir, folder);
    const entries = existsSync(dir) ? readdirSync(dir, { recursive: true, withFileTypes: true }) : [];
    return entries.filter((entry) => entry.isFile()).map(({ name }) => name);
  });

const expectNothingStored = async (world: World) => {
  await until(() => listStoredFiles(world).length === 0 || undefined);
  expect(await world.app.tenant.attachment.count()).toBe(0);
};

async function uploadFile({ app, user }: World, name = 'report.txt', content: BlobPart = 'twelve bytes') {
  const { status, body } = await upload(app.url, toBearer(user), createForm(name, content));
  expect([status, body]).toMatchObject([200, { name }]);
  return body as { id: string; name: string; mediaType: string; size: number };
}

async function sendMessage(world: World, attachmentIds: string[], sessionId?: string) {
  const message = `look at this ${randomUUID()}`;
  const input = { instanceId: world.instance.id, sessionId, message, requestId: randomUUID(), attachmentIds };
  const ids = await world.client.instance.createTask.mutate(input);
  return { ...ids, message, task: await world.bridge.task(message) };
}

async function sendToAssistant(world: World, attachmentIds: string[]) {
  const message = `what is this ${randomUUID()}`;
  const ids = await world.client.assistant.createTask.mutate({ message, requestId: randomUUID(), attachmentIds });
  return { ...ids, message, task: await world.bridge.task(message) };
}

const download = ({ app }: World, id: string, headers: Record<string, string> = {}) =>
  fetch(`${app.url}/api/v1/agent/attachments/${id}`, { headers });

test('an attachment is part of its message in the history, the log and the task request', async () => {
  await using world = await createFixture();
  const attachment = await uploadFile(world);
  expect(attachment).toEqual({ id: attachment.id, name: 'report.txt', mediaType: 'text/plain', size: 12 });
  const { sessionId, task, message } = await sendMessage(world, [attachment.id]);
  expect(task.attachments).toEqual([
    {
      ...attachment,
      sha256: createHash('sha256').update('twelve bytes').digest('hex'),
      url: expect.stringContaining(`/api/v1/agent/attachments/${attachment.id}`),
    },
  ]);
  const { messages } = await world.client.session.messages.query({ sessionId });
  expect(messages[0]?.parts).toEqual([
    { type: 'text', text: message },
    { type: 'attachment', ...attachment },
  ]);
  const events = await world.app.tenant.chatEvent.findMany({ where: { sessionId }, orderBy: { seq: 'asc' } });
  expect(events[0]?.payload).toMatchObject({ type: 'message', attachments: [attachment] });
  const fetched = await fetch(task.attachments[0]!.url, { headers: toBearer({ bearer: task.callbackToken }) });
  expect(await fetched.text()).toBe('twelve bytes');
});

test('the bridge gets attachments in the order of the message', async () => {
  await using world = await createFixture();
  const files = [];
  for (const name of ['a.txt', 'b.txt', 'c.txt']) files.push(await uploadFile(world, name));
  const [a, b, c] = files.map(({ id }) => id) as [string, string, string];
  const { task } = await sendMessage(world, [b, c, a]);
  expect(task.attachments.map(({ id }) => id)).toEqual([b, c, a]);
});

test('the file name has no folder and no invisible or reordering characters', async () => {
  await using world = await createFixture();
  const uploadName = async (name: string) =>
    (await upload(world.app.url, toBearer(world.user), createForm(name, png))).body.name as string;
  for (const [original, stored] of [
    ['a\u202egnp.\u200b\u2800\u3164\u{e0041}b.png', 'agnp.b.png'],
    ['at\u202f10\u3000AM.png', 'at 10 AM.png'],
    ['👩\u200d💻❤\ufe0f.png', '👩\u200d💻❤\ufe0f.png'],
    ['..\\b.png', 'b.png'],
    [' \u200b\u2800\ufe0f', 'file'],
  ] as const)
    expect([original, await uploadName(original)]).toEqual([original, stored]);
});

test('the media type comes from the content, not from the sender', async () => {
  await using world = await createFixture();
  const { app, user } = world;
  const send = async (name: string, content: BlobPart, type?: string) => {
    const { status, body } = await upload(app.url, toBearer(user), createForm(name, content, type));
    return status === 200 ? body.mediaType : [status, body.reason];
  };
  const refused = [415, 'ATTACHMENT_TYPE_REFUSED'];
  expect(await send('x.txt', png, 'text/plain')).toBe('image/png');
  expect(await send('a.pdf', '%PDF-1.7\n')).toBe('application/pdf');
  expect(await send('读我.MD', '# 你好')).toBe('text/markdown');
  expect(await send('page.html', '<script>alert(1)</script>', 'text/html')).toBe('text/plain');
  expect(await send('BMW.csv', 'BM;1')).toBe('text/csv');
  expect(await send('empty.log', '')).toBe('text/plain');
  for (const name of ['a.png', 'syslog', 'nginx-access.log.1', '.env.production', 'go.mod', 'a.ipynb', 'a.txt.'])
    expect([name, await send(name, 'text', 'image/png')]).toEqual([name, 'text/plain']);
  expect(await send('g.txt', 'GIF89a is a format\n')).toBe('text/plain');
  expect(await send('a.txt', Buffer.from([0x4d, 0x5a, 0, 1]))).toEqual(refused);
  expect(await send('a.zip', Buffer.from([0x50, 0x4b, 3, 4, 20, 0]))).toEqual(refused);
  expect(await app.tenant.attachment.count()).toBe(14);
});

test('a text in another encoding is stored in UTF-8', async () => {
  await using world = await createFixture();
  const content = Buffer.from([0xc3, 0xfb, 0xb3, 0xc6, 0x2c, 0x31]);
  const attachment = await uploadFile(world, 'names.csv', content);
  expect(attachment).toMatchObject({ mediaType: 'text/csv', size: 8 });
  const { task } = await sendMessage(world, [attachment.id]);
  const [file] = task.attachments;
  const fetched = await fetch(file!.url, { headers: toBearer({ bearer: task.callbackToken }) });
  const text = await fetched.text();
  expect(text).toBe('名称,1');
  expect(file!.sha256).toBe(createHash('sha256').update(text).digest('hex'));
});

/** Opens a raw upload that the test writes. Reads nothing before `readResponse` is called. */
async function rawUpload({ app, user }: World, length: string) {
  const { hostname, port, host } = new URL(app.url);
  const socket = connect(Number(port), hostname).pause();
  const write = (text: string) => new Promise((resolve) => socket.write(text, resolve));
  await write(
    [
      'POST /api/v1/agent/attachments HTTP/1.1',
      ...[
        `host: ${host}`,
        `authorization: Bearer ${user.bearer}`,
        'content-type: multipart/form-data; boundary=x',
        length,
      ],
      '\r\n',
    ].join('\r\n'),
  );
  return {
    write,
    async readResponse() {
      let text = '';
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      socket.on('error', reject).on('close', () => reject(new Error(`closed after: ${text}`)));
      socket.setEncoding('utf8').on('data', (chunk) => {
        text += chunk;
        if (text.includes('}')) resolve();
      });
      socket.resume();
      await promise;
      return [text.split('\r\n')[0], JSON.parse(text.split('\r\n\r\n')[1]!).reason];
    },
    [Symbol.dispose]: () => socket.destroy(),
  };
}
const partHead = '--x\r\ncontent-disposition: form-data; name="file"; filename="a.txt"\r\n\r\n';
const refusedAsTooLarge = ['HTTP/1.1 413 Payload Too Large', 'ATTACHMENT_TOO_LARGE'];

test('a file that is too large is refused early and leaves nothing', async () => {
  await using world = await createFixture();
  const tooLong = limits.attachmentBytes + 100_000;
  using byLength = await rawUpload(world, `content-length: ${tooLong}`);
  expect(await byLength.readResponse()).toEqual(refusedAsTooLarge);
  // The parser holds the last bytes back, since they could begin a boundary.
  const body = `${partHead}${'x'.repeat(limits.attachmentBytes + 1_000)}`;
  using byContent = await rawUpload(world, `content-length: ${body.length + 100}`);
  await byContent.write(body);
  expect(await byContent.readResponse()).toEqual(refusedAsTooLarge);
  // Without a length, only the content shows the size.
  using chunked = await rawUpload(world, 'transfer-encoding: chunked');
  await chunked.write(`${body.length.toString(16)}\r\n${body}\r\n`);
  expect(await chunked.readResponse()).toEqual(refusedAsTooLarge);
  await expectNothingStored(world);
  expect(await uploadFile(world, 'most.txt', 'x'.repeat(limits.attachmentBytes))).toMatchObject({
    size: limits.attachmentBytes,
  });
});

test('a client that sends a whole file before it reads gets the refusal of its size', async () => {
  await using world = await createFixture();
  const body = `${partHead}${'x'.repeat(2 * limits.attachmentBytes)}\r\n--x--\r\n`;
  for (const length of [`content-length: ${body.length}`, 'transfer-encoding: chunked']) {
    using client = await rawUpload(world, length);
    const isChunked = length.startsWith('transfer');
    await client.write(isChunked ? `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n` : body);
    expect(await client.readResponse()).toEqual(refusedAsTooLarge);
  }
});

test.for([false, true])('drain reads a limited part of a refused upload (was piped: %s)', async (wasPiped) => {
  let read = 0;
  const request = new Readable({
    read() {
      read += 1_000;
      this.push(Buffer.alloc(1_000));
    },
  });
  if (wasPiped) {
    const parser = new PassThrough();
    request.pipe(parser);
    await once(parser, 'readable');
    request.unpipe(parser);
  }
  drain(request, 100_000);
  await once(request, 'close');
  expect(read).toBeGreaterThan(100_000);
  expect(read).toBeLessThan(300_000);
});

test('an upload that is not a form with one file is refused and leaves nothing', async () => {
  await using world = await createFixture();
  const { app, user } = world;
  const refuses = async (body: BodyInit, headers = {}) =>
    expect(await upload(app.url, { ...toBearer(user), ...headers }, body)).toMatchObject({
      status: 400,
      body: { reason: 'INVALID_INPUT' },
    });
  const two = createForm('a.txt', 'a');
  two.append('file', new File(['b'], 'b.txt'));
  const field = createForm('a.txt', 'a');
  field.append('more', 'text');
  await refuses(two);
  await refuses(field);
  await refuses(new FormData());
  await refuses('{}', { 'content-type': 'application/json' });
  await refuses('--x\r\nnonsense', { 'content-type': 'multipart/form-data; boundary=x' });
  await refuses('x', { 'content-type': 'multipart/form-data' });
  const cut = '--x\r\ncontent-disposition: form-data; name="file"; filename="a.txt"\r\n\r\nhalf a fi';
  await refuses(cut, { 'content-type': 'multipart/form-data; boundary=x' });
  await expectNothingStored(world);
});

test('an aborted upload leaves nothing', async () => {
  await using world = await createFixture();
  const { app, user } = world;
  const headers = { ...toBearer(user), 'content-type': 'multipart/form-data; boundary=x' };
  const upload = httpRequest(`${app.url}/api/v1/agent/attachments`, { method: 'POST', headers });
  upload.on('error', () => {});
  upload.write('--x\r\ncontent-disposition: form-data; name="file"; filename="a.txt"\r\n\r\nhalf a fi');
  await until(() => listStoredFiles(world).length === 1 || undefined);
  upload.destroy();
  await expectNothingStored(world);
});

test('an upload needs the right to create tasks, the same site, and the scope of an API key', async () => {
  await using world = await createFixture();
  const { app, user, client } = world;
  const tryUpload = async (headers: Record<string, string>) => {
    const { status, body } = await upload(app.url, headers, createForm('a.txt', 'a'));
    return status === 200 ? 'ok' : body.reason;
  };
  const newKey = async (scope: 'instance:use' | 'assistant:use' | 'instance:read') =>
    (await client.apiKey.create.mutate({ name: scope, scopes: [scope], days: 1 })).key;
  expect(await tryUpload({ cookie: user.cookie })).toBe('ok');
  expect(await tryUpload({ cookie: user.cookie, origin: 'https://evil.example' })).toBe('ORIGIN_REFUSED');
  expect(await tryUpload({})).toBe('NOT_SIGNED_IN');
  expect(await tryUpload(toBearer(await app.newUser({ role: 'viewer' })))).toBe('ok');
  for (const scope of ['instance:use', 'assistant:use'] as const)
    expect(await tryUpload({ 'x-api-key': await newKey(scope) })).toBe('ok');
  expect(await tryUpload({ 'x-api-key': await newKey('instance:read') })).toBe('FORBIDDEN');
});

test('uploads beyond the rate limit are refused with the time to wait', async () => {
  await using world = await createFixture();
  const { app, user } = world;
  const responses = [];
  for (let count = 0; count <= 60; count++)
    responses.push(await upload(app.url, toBearer(user), createForm('a.bin', Buffer.from([0x4d, 0x5a, 0, 1]))));
  expect(responses.at(-2)?.status).toBe(415);
  expect(responses.at(-1)).toMatchObject({ status: 429, body: { reason: 'TOO_MANY_REQUESTS' } });
  expect(Number(responses.at(-1)?.headers.get('retry-after'))).toBeGreaterThan(0);
});

test('a message accepts only unused files of its sender, all of them or none', async () => {
  await using world = await createFixture();
  const { app, client, instance, user } = world;
  const colleague = await app.newUser();
  const foreign = (await upload(app.url, toBearer(colleague), createForm('marker.txt', 'marker'))).body.id;
  const [unused, used] = [await uploadFile(world), await uploadFile(world)];
  await sendMessage(world, [used.id]);
  const tasks = await app.tenant.agentTask.count();
  for (const other of [foreign, used.id, randomUUID()]) {
    const input = { instanceId: instance.id, message: 'x', requestId: randomUUID(), attachmentIds: [unused.id, other] };
    expect((await getRefusal(client.instance.createTask.mutate(input))).data.reason).toBe('ATTACHMENT_NOT_FOUND');
  }
  expect(await app.tenant.agentTask.count()).toBe(tasks);
  expect(await app.tenant.agentSession.count()).toBe(1);
  expect(await app.tenant.attachment.count({ where: { ownerId: user.id, taskId: null } })).toBe(1);
  await sendMessage(world, [unused.id]);
});

test('one of many concurrent messages gets the same file', async () => {
  await using world = await createFixture();
  const { id } = await uploadFile(world);
  const other = await uploadFile(world);
  const ask = (attachmentIds: string[]) => {
    const input = { instanceId: world.instance.id, message: 'x', requestId: randomUUID(), attachmentIds };
    return world.client.instance.createTask.mutate(input);
  };
  const outcomes = await Promise.allSettled([
    ...Array.from({ length: 8 }, () => ask([id])),
    ask([other.id]),
    ...Array.from({ length: 4 }, () => ask([])),
  ]);
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(6);
  expect(await world.app.tenant.agentTask.count()).toBe(6);
  const tasks = await world.app.tenant.attachment.findMany({ select: { taskId: true } });
  expect(new Set(tasks.map(({ taskId }) => taskId)).size).toBe(2);
});

test('a repeated request with files returns the original task', async () => {
  await using world = await createFixture();
  const { id } = await uploadFile(world);
  const input = { instanceId: world.instance.id, message: 'once', requestId: randomUUID(), attachmentIds: [id] };
  const ask = () => world.client.instance.createTask.mutate(input);
  const first = await ask();
  expect(await ask()).toEqual(first);
  expect(await world.app.tenant.agentTask.count()).toBe(1);
});

test('the number and total size of a message’s files are limited', async () => {
  await using world = await createFixture();
  const { client, instance } = world;
  const ask = (attachmentIds: string[]) =>
    client.instance.createTask.mutate({
      instanceId: instance.id,
      message: 'x',
      requestId: randomUUID(),
      attachmentIds,
    });
  const tooMany = Array.from({ length: limits.attachments + 1 }, () => randomUUID());
  expect((await getRefusal(ask(tooMany))).data.reason).toBe('INVALID_INPUT');
  const large = [];
  for (let count = 0; count < 3; count++) {
    large.push((await uploadFile(world, 'large.log', 'x'.repeat(limits.attachmentBytes))).id);
  }
  expect((await getRefusal(ask(large))).data.reason).toBe('ATTACHMENT_TOO_LARGE');
  expect(await world.app.tenant.agentTask.count()).toBe(0);
});

test('a file is returned to readers of its message, and is missing for others', async () => {
  await using world = await createFixture();
  const { app, client, instance, user } = world;
  const { id } = await uploadFile(world, 'marker.txt', 'marker');
  const missing = await (await download(world, randomUUID(), toBearer(user))).text();
  const expectMissing = async (response: Response) =>
    expect([response.status, await response.text()]).toEqual([404, missing]);
  // An unsent file is in no session.
  await expectMissing(await download(world, id, toBearer(user)));
  await sendMessage(world, [id]);
  expect(await (await download(world, id, toBearer(user))).text()).toBe('marker');
  const viewer = await app.newUser({ role: 'viewer' });
  await expectMissing(await download(world, id, toBearer(viewer)));
  await client.instance.share.mutate({ instanceId: instance.id, with: { userId: viewer.id } });
  expect(await (await download(world, id, toBearer(viewer))).text()).toBe('marker');
  const otherTenantUser = await app.newUser({ inTenant: await app.database.createTenant({ name: 'Other' }) });
  await expectMissing(await download(world, id, toBearer(otherTenantUser)));
  await expectMissing(await download(world, 'none', toBearer(user)));
  expect((await download(world, id)).status).toBe(401);
});

test('a bridge can download only files of its own tasks', async () => {
  await using world = await createFixture();
  const [one, other] = [await uploadFile(world), await uploadFile(world)];
  const { task } = await sendMessage(world, [one.id]);
  await sendMessage(world, [other.id]);
  const withToken = (id: string) => download(world, id, toBearer({ bearer: task.callbackToken }));
  expect((await withToken(one.id)).status).toBe(200);
  expect((await withToken(other.id)).status).toBe(404);
});

test('only the bridge of iAgent can download files of its messages', async () => {
  await using world = await createFixture();
  await world.app.newAssistant({ bridgeUrl: world.bridge.url });
  const [attachment, other] = [await uploadFile(world), await uploadFile(world)];
  const { sessionId, task, message } = await sendToAssistant(world, [attachment.id]);
  const ofInstance = await sendMessage(world, [other.id]);
  const { messages } = await world.client.session.messages.query({ sessionId });
  expect(messages[0]?.parts).toEqual([
    { type: 'text', text: message },
    { type: 'attachment', ...attachment },
  ]);
  expect(task.attachments).toMatchObject([attachment]);
  const fetched = await fetch(task.attachments[0]!.url, { headers: toBearer({ bearer: task.callbackToken }) });
  expect(await fetched.text()).toBe('twelve bytes');
  const foreign = [
    [attachment.id, ofInstance.task.callbackToken],
    [other.id, task.callbackToken],
    [attachment.id, task.tools!.token],
  ] as const;
  for (const [id, bearer] of foreign) expect((await download(world, id, toBearer({ bearer }))).ok).toBe(false);
});

test('a file of a session with iAgent is visible only to its owner, for every role', async () => {
  await using world = await createFixture();
  const { app, client, instance, user } = world;
  await app.newAssistant({ bridgeUrl: world.bridge.url });
  const { id } = await uploadFile(world, 'marker.txt', 'marker');
  await sendToAssistant(world, [id]);
  expect(await (await download(world, id, toBearer(user))).text()).toBe('marker');
  const missing = await (await download(world, randomUUID(), toBearer(user))).text();
  const [colleague, viewer] = [await app.newUser({ role: 'owner' }), await app.newUser({ role: 'viewer' })];
  await client.instance.share.mutate({ instanceId: instance.id, with: { userId: viewer.id } });
  const otherTenantUser = await app.newUser({ inTenant: await app.database.createTenant({ name: 'Other' }) });
  for (const reader of [colleague, viewer, otherTenantUser]) {
    const response = await download(world, id, toBearer(reader));
    expect([response.status, await response.text()]).toEqual([404, missing]);
  }
});

test('a file that was sent to one kind of agent cannot be sent to the other', async () => {
  await using world = await createFixture();
  const { app, client, instance } = world;
  await app.newAssistant({ bridgeUrl: world.bridge.url });
  const [unused, other] = [await uploadFile(world), await uploadFile(world)];
  await sendToAssistant(world, [unused.id]);
  await sendMessage(world, [other.id]);
  const createInput = (id: string) => ({ message: 'x', requestId: randomUUID(), attachmentIds: [id] });
  const attempts = [
    client.instance.createTask.mutate({ instanceId: instance.id, ...createInput(unused.id) }),
    client.assistant.createTask.mutate(createInput(other.id)),
  ];
  for (const attempt of attempts) expect((await getRefusal(attempt)).data.reason).toBe('ATTACHMENT_NOT_FOUND');
  expect(await app.tenant.agentTask.count()).toBe(2);
});

test('a download executes nothing in a browser, and only images are shown inline', async () => {
  await using world = await createFixture();
  const [page, image] = [await uploadFile(world, 'page.html', '<h1>'), await uploadFile(world, 'ü%.png', png)];
  await sendMessage(world, [page.id, image.id]);
  const fetchHeaders = async (id: string) => (await download(world, id, toBearer(world.user))).headers;
  const [asText, asImage] = [await fetchHeaders(page.id), await fetchHeaders(image.id)];
  expect(asText.get('content-type')).toBe('text/plain; charset=utf-8');
  expect(asText.get('content-disposition')).toBe(`attachment; filename="page.html"; filename*=UTF-8''page.html`);
  expect(asImage.get('content-type')).toBe('image/png');
  expect(asImage.get('content-disposition')).toBe(`inline; filename="__.png"; filename*=UTF-8''%C3%BC%25.png`);
  for (const headers of [asText, asImage]) {
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('content-security-policy')).toBe("default-src 'none'; sandbox");
    expect(headers.get('cache-control')).toBe('private, no-store');
  }
});

test('files that are unsent for a day, and files of deleted sessions, are deleted', async () => {
  await using world = await createFixture();
  const { app, instance } = world;
  const [expired, fresh, deleted] = [await uploadFile(world), await uploadFile(world), await uploadFile(world)];
  await app.tenant.attachment.update({
    where: { id: expired.id },
    data: { createdAt: new Date(Date.now() - 26 * 3_600_000) },
  });
  const { task } = await sendMessage(world, [deleted.id]);
  await world.bridge.report(task, { type: 'completed', text: 'done' });
  await app.tenant.agentInstance.delete({ where: { id: instance.id } });
  expect((await download(world, deleted.id, toBearer(world.user))).status).toBe(404);
  await removeInaccessible(app.services, new AbortController().signal);
  expect(listStoredFiles(world)).toEqual([fresh.id]);
  expect(await app.tenant.attachment.findMany({ select: { id: true } })).toEqual([{ id: fresh.id }]);
});

test('removing a tenant moves its files to the export', async () => {
  await using world = await createFixture();
  const { app } = world;
  const { id } = await uploadFile(world, 'report.txt', 'twelve bytes');
  const options = { dataDir: app.dataDir, attachments: app.services.attachments };
  const lines: string[] = [];
  await runExport(app.database, app.tenantId, options, (line) => void lines.push(line));
  expect(lines.join()).toContain('1 attachment in');
  await runRemoval(app.database, { id: app.tenantId, yes: true }, options, () => {});
  expect(listStoredFiles(world)).toEqual([]);
  const copy = join(app.dataDir, 'exports', `${app.tenantId}-attachments`, id);
  expect(readFileSync(copy, 'utf8')).toBe('twelve bytes');
});
