import { createHash, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { sweepAttachments } from '@it0/api/agent/attachment/sweep';
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
const shows = ({ bearer }: Holder) => ({ authorization: `Bearer ${bearer}` });

/** What stands on the disk of a server, attachments and what is arriving. */
const filesOf = ({ app }: World) =>
  ['attachments', 'uploads'].flatMap((folder) => {
    const dir = join(app.dataDir, folder);
    const found = existsSync(dir) ? readdirSync(dir, { recursive: true, withFileTypes: true }) : [];
    return found.filter((entry) => entry.isFile()).map(({ name }) => name);
  });

const nothingIsLeft = async (world: World) => {
  await until(() => filesOf(world).length === 0 || undefined);
  expect(await world.app.tenant.attachment.count()).toBe(0);
};

async function uploaded({ app, user }: World, name = 'report.txt', content: BlobPart = 'twelve bytes') {
  const { status, body } = await upload(app.url, shows(user), createForm(name, content));
  expect([status, body]).toMatchObject([200, { name }]);
  return body as { id: string; name: string; mediaType: string; size: number };
}

async function sent(world: World, attachmentIds: string[], sessionId?: string) {
  const message = `look at this ${randomUUID()}`;
  const input = { instanceId: world.instance.id, sessionId, message, requestId: randomUUID(), attachmentIds };
  const ids = await world.client.instance.createTask.mutate(input);
  return { ...ids, message, task: await world.bridge.task(message) };
}

async function asked(world: World, attachmentIds: string[]) {
  const message = `what is this ${randomUUID()}`;
  const ids = await world.client.assistant.createTask.mutate({ message, requestId: randomUUID(), attachmentIds });
  return { ...ids, message, task: await world.bridge.task(message) };
}

const download = ({ app }: World, id: string, headers: Record<string, string> = {}) =>
  fetch(`${app.url}/api/v1/agent/attachments/${id}`, { headers });

test('an attachment is part of its message in the history, the log and the task request', async () => {
  await using world = await createFixture();
  const attachment = await uploaded(world);
  expect(attachment).toEqual({ id: attachment.id, name: 'report.txt', mediaType: 'text/plain', size: 12 });
  const { sessionId, task, message } = await sent(world, [attachment.id]);
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
  const fetched = await fetch(task.attachments[0]!.url, { headers: shows({ bearer: task.callbackToken }) });
  expect(await fetched.text()).toBe('twelve bytes');
});

test('the bridge gets attachments in the order of the message', async () => {
  await using world = await createFixture();
  const files = [];
  for (const name of ['a.txt', 'b.txt', 'c.txt']) files.push(await uploaded(world, name));
  const [a, b, c] = files.map(({ id }) => id) as [string, string, string];
  const { task } = await sent(world, [b, c, a]);
  expect(task.attachments.map(({ id }) => id)).toEqual([b, c, a]);
});

test('the file name has no folder and no invisible or reordering characters', async () => {
  await using world = await createFixture();
  const nameFor = async (name: string) =>
    (await upload(world.app.url, shows(world.user), createForm(name, png))).body.name as string;
  for (const [sent, stored] of [
    ['a\u202egnp.\u200b\u2800\u3164\u{e0041}b.png', 'agnp.b.png'],
    ['at\u202f10\u3000AM.png', 'at 10 AM.png'],
    ['👩\u200d💻❤\ufe0f.png', '👩\u200d💻❤\ufe0f.png'],
    ['..\\b.png', 'b.png'],
    [' \u200b\u2800\ufe0f', 'file'],
  ] as const)
    expect([sent, await nameFor(sent)]).toEqual([sent, stored]);
});

test('the media type comes from the content, not from the sender', async () => {
  await using world = await createFixture();
  const { app, user } = world;
  const send = async (name: string, content: BlobPart, type?: string) => {
    const { status, body } = await upload(app.url, shows(user), createForm(name, content, type));
    return status === 200 ? body.mediaType : [status, body.reason];
  };
  const refused = [415, 'ATTACHMENT_TYPE_REFUSED'];
  expect(await send('x.txt', png, 'text/plain')).toBe('image/png');
  expect(await send('a.pdf', '%PDF-1.7\n')).toBe('application/pdf');
  expect(await send('读我.MD', '# 你好')).toBe('text/markdown');
  expect(await send('page.html', '<script>alert(1)</script>', 'text/html')).toBe('text/plain');
  expect(await send('BMW.csv', 'BM;1')).toBe('text/csv');
  expect(await send('empty.log', '')).toBe('text/plain');
  expect(await send('a.png', 'no picture', 'image/png')).toEqual(refused);
  expect(await send('a.txt', Buffer.from([0x4d, 0x5a, 0, 1]))).toEqual(refused);
  expect(await send('a.txt', Buffer.from([0xff, 0xfe, 0x41]))).toEqual(refused);
  expect(await send('a.txt', Buffer.from([0x41, 0xe4, 0xbd]))).toEqual(refused);
  expect(await send('a.zip', Buffer.from([0x50, 0x4b, 3, 4, 20, 0]))).toEqual(refused);
  expect(await send('noending', 'text')).toEqual(refused);
  expect(await app.tenant.attachment.count()).toBe(6);
});

/** Sends an upload byte by byte as the test says. Reads nothing before `answer` is called. */
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
    async answer() {
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
  expect(await byLength.answer()).toEqual(refusedAsTooLarge);
  // The parser holds back the last bytes, which may be the beginning of a boundary.
  const body = `${partHead}${'x'.repeat(limits.attachmentBytes + 1_000)}`;
  using byContent = await rawUpload(world, `content-length: ${body.length + 100}`);
  await byContent.write(body);
  expect(await byContent.answer()).toEqual(refusedAsTooLarge);
  // Without a length nobody knows before it has come.
  using chunked = await rawUpload(world, 'transfer-encoding: chunked');
  await chunked.write(`${body.length.toString(16)}\r\n${body}\r\n`);
  expect(await chunked.answer()).toEqual(refusedAsTooLarge);
  await nothingIsLeft(world);
  expect(await uploaded(world, 'most.txt', 'x'.repeat(limits.attachmentBytes))).toMatchObject({
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
    expect(await client.answer()).toEqual(refusedAsTooLarge);
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
    expect(await upload(app.url, { ...shows(user), ...headers }, body)).toMatchObject({
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
  await nothingIsLeft(world);
});

test('an aborted upload leaves nothing', async () => {
  await using world = await createFixture();
  const { app, user } = world;
  const headers = { ...shows(user), 'content-type': 'multipart/form-data; boundary=x' };
  const upload = httpRequest(`${app.url}/api/v1/agent/attachments`, { method: 'POST', headers });
  upload.on('error', () => {});
  upload.write('--x\r\ncontent-disposition: form-data; name="file"; filename="a.txt"\r\n\r\nhalf a fi');
  await until(() => filesOf(world).length === 1 || undefined);
  upload.destroy();
  await nothingIsLeft(world);
});

test('an upload needs the right to create tasks, the same site, and the scope of an API key', async () => {
  await using world = await createFixture();
  const { app, user, client } = world;
  const tries = async (headers: Record<string, string>) => {
    const { status, body } = await upload(app.url, headers, createForm('a.txt', 'a'));
    return status === 200 ? 'ok' : body.reason;
  };
  const keyOf = async (scope: 'instance:use' | 'assistant:use' | 'instance:read') =>
    (await client.apiKey.create.mutate({ name: scope, scopes: [scope], days: 1 })).key;
  expect(await tries({ cookie: user.cookie })).toBe('ok');
  expect(await tries({ cookie: user.cookie, origin: 'https://evil.example' })).toBe('ORIGIN_REFUSED');
  expect(await tries({})).toBe('NOT_SIGNED_IN');
  expect(await tries(shows(await app.newUser({ role: 'viewer' })))).toBe('ok');
  for (const scope of ['instance:use', 'assistant:use'] as const)
    expect(await tries({ 'x-api-key': await keyOf(scope) })).toBe('ok');
  expect(await tries({ 'x-api-key': await keyOf('instance:read') })).toBe('FORBIDDEN');
});

test('uploads beyond the rate limit are refused with the time to wait', async () => {
  await using world = await createFixture();
  const { app, user } = world;
  const answers = [];
  for (let count = 0; count <= 60; count++) answers.push(await upload(app.url, shows(user), createForm('a.bin', 'a')));
  expect(answers.at(-2)?.status).toBe(415);
  expect(answers.at(-1)).toMatchObject({ status: 429, body: { reason: 'TOO_MANY_REQUESTS' } });
  expect(Number(answers.at(-1)?.headers.get('retry-after'))).toBeGreaterThan(0);
});

test('a message accepts only unused files of its sender, all of them or none', async () => {
  await using world = await createFixture();
  const { app, client, instance, user } = world;
  const colleague = await app.newUser();
  const foreign = (await upload(app.url, shows(colleague), createForm('marker.txt', 'marker'))).body.id;
  const [own, used] = [await uploaded(world), await uploaded(world)];
  await sent(world, [used.id]);
  const tasks = await app.tenant.agentTask.count();
  for (const other of [foreign, used.id, randomUUID()]) {
    const input = { instanceId: instance.id, message: 'x', requestId: randomUUID(), attachmentIds: [own.id, other] };
    expect((await getRefusal(client.instance.createTask.mutate(input))).data.reason).toBe('ATTACHMENT_NOT_FOUND');
  }
  expect(await app.tenant.agentTask.count()).toBe(tasks);
  expect(await app.tenant.agentSession.count()).toBe(1);
  expect(await app.tenant.attachment.count({ where: { ownerId: user.id, taskId: null } })).toBe(1);
  await sent(world, [own.id]);
});

test('one of many concurrent messages gets the same file', async () => {
  await using world = await createFixture();
  const { id } = await uploaded(world);
  const other = await uploaded(world);
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
  const { id } = await uploaded(world);
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
  const many = Array.from({ length: limits.attachments + 1 }, () => randomUUID());
  expect((await getRefusal(ask(many))).data.reason).toBe('INVALID_INPUT');
  const large = [];
  for (let count = 0; count < 3; count++) {
    large.push((await uploaded(world, 'large.log', 'x'.repeat(limits.attachmentBytes))).id);
  }
  expect((await getRefusal(ask(large))).data.reason).toBe('ATTACHMENT_TOO_LARGE');
  expect(await world.app.tenant.agentTask.count()).toBe(0);
});

test('a file is returned to readers of its message, and is missing for others', async () => {
  await using world = await createFixture();
  const { app, client, instance, user } = world;
  const { id } = await uploaded(world, 'marker.txt', 'marker');
  const missing = await (await download(world, randomUUID(), shows(user))).text();
  const isMissing = async (answer: Response) => expect([answer.status, await answer.text()]).toEqual([404, missing]);
  // Before it was sent it is in nobody's conversation.
  await isMissing(await download(world, id, shows(user)));
  await sent(world, [id]);
  expect(await (await download(world, id, shows(user))).text()).toBe('marker');
  const viewer = await app.newUser({ role: 'viewer' });
  await isMissing(await download(world, id, shows(viewer)));
  await client.instance.share.mutate({ instanceId: instance.id, with: { userId: viewer.id } });
  expect(await (await download(world, id, shows(viewer))).text()).toBe('marker');
  const elsewhere = await app.newUser({ inTenant: await app.database.createTenant({ name: 'Other' }) });
  await isMissing(await download(world, id, shows(elsewhere)));
  await isMissing(await download(world, 'none', shows(user)));
  expect((await download(world, id)).status).toBe(401);
});

test('a bridge can download only files of its own tasks', async () => {
  await using world = await createFixture();
  const [one, other] = [await uploaded(world), await uploaded(world)];
  const { task } = await sent(world, [one.id]);
  await sent(world, [other.id]);
  const withToken = (id: string) => download(world, id, shows({ bearer: task.callbackToken }));
  expect((await withToken(one.id)).status).toBe(200);
  expect((await withToken(other.id)).status).toBe(404);
});

test('only the bridge of iAgent can download files of its messages', async () => {
  await using world = await createFixture();
  await world.app.newAssistant({ bridgeUrl: world.bridge.url });
  const [attachment, other] = [await uploaded(world), await uploaded(world)];
  const { sessionId, task, message } = await asked(world, [attachment.id]);
  const ofInstance = await sent(world, [other.id]);
  const { messages } = await world.client.session.messages.query({ sessionId });
  expect(messages[0]?.parts).toEqual([
    { type: 'text', text: message },
    { type: 'attachment', ...attachment },
  ]);
  expect(task.attachments).toMatchObject([attachment]);
  const fetched = await fetch(task.attachments[0]!.url, { headers: shows({ bearer: task.callbackToken }) });
  expect(await fetched.text()).toBe('twelve bytes');
  const foreign = [
    [attachment.id, ofInstance.task.callbackToken],
    [other.id, task.callbackToken],
    [attachment.id, task.tools!.token],
  ] as const;
  for (const [id, bearer] of foreign) expect((await download(world, id, shows({ bearer }))).ok).toBe(false);
});

test('a file of a session with iAgent is visible only to its owner, for every role', async () => {
  await using world = await createFixture();
  const { app, client, instance, user } = world;
  await app.newAssistant({ bridgeUrl: world.bridge.url });
  const { id } = await uploaded(world, 'marker.txt', 'marker');
  await asked(world, [id]);
  expect(await (await download(world, id, shows(user))).text()).toBe('marker');
  const missing = await (await download(world, randomUUID(), shows(user))).text();
  const [colleague, viewer] = [await app.newUser({ role: 'owner' }), await app.newUser({ role: 'viewer' })];
  await client.instance.share.mutate({ instanceId: instance.id, with: { userId: viewer.id } });
  const elsewhere = await app.newUser({ inTenant: await app.database.createTenant({ name: 'Other' }) });
  for (const who of [colleague, viewer, elsewhere]) {
    const answer = await download(world, id, shows(who));
    expect([answer.status, await answer.text()]).toEqual([404, missing]);
  }
});

test('a file that was sent to one kind of agent cannot be sent to the other', async () => {
  await using world = await createFixture();
  const { app, client, instance } = world;
  await app.newAssistant({ bridgeUrl: world.bridge.url });
  const [own, other] = [await uploaded(world), await uploaded(world)];
  await asked(world, [own.id]);
  await sent(world, [other.id]);
  const again = (id: string) => ({ message: 'x', requestId: randomUUID(), attachmentIds: [id] });
  const tries = [
    client.instance.createTask.mutate({ instanceId: instance.id, ...again(own.id) }),
    client.assistant.createTask.mutate(again(other.id)),
  ];
  for (const attempt of tries) expect((await getRefusal(attempt)).data.reason).toBe('ATTACHMENT_NOT_FOUND');
  expect(await app.tenant.agentTask.count()).toBe(2);
});

test('a download executes nothing in a browser, and only images are shown inline', async () => {
  await using world = await createFixture();
  const [page, image] = [await uploaded(world, 'page.html', '<h1>'), await uploaded(world, 'ü%.png', png)];
  await sent(world, [page.id, image.id]);
  const toAuthHeaders = async (id: string) => (await download(world, id, shows(world.user))).headers;
  const [asText, asImage] = [await toAuthHeaders(page.id), await toAuthHeaders(image.id)];
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
  const [old, fresh, gone] = [await uploaded(world), await uploaded(world), await uploaded(world)];
  await app.tenant.attachment.update({
    where: { id: old.id },
    data: { createdAt: new Date(Date.now() - 26 * 3_600_000) },
  });
  const { task } = await sent(world, [gone.id]);
  await world.bridge.report(task, { type: 'completed', text: 'done' });
  await app.tenant.agentInstance.delete({ where: { id: instance.id } });
  expect((await download(world, gone.id, shows(world.user))).status).toBe(404);
  await sweepAttachments(app.services);
  expect(filesOf(world)).toEqual([fresh.id]);
  expect(await app.tenant.attachment.findMany({ select: { id: true } })).toEqual([{ id: fresh.id }]);
});

test('removing a tenant moves its files to the export', async () => {
  await using world = await createFixture();
  const { app } = world;
  const { id } = await uploaded(world, 'report.txt', 'twelve bytes');
  const kept = { dataDir: app.dataDir, attachments: app.services.attachments };
  const said: string[] = [];
  await runExport(app.database, app.tenantId, kept, (line) => void said.push(line));
  expect(said.join()).toContain('1 attachment in');
  await runRemoval(app.database, { id: app.tenantId, yes: true }, kept, () => {});
  expect(filesOf(world)).toEqual([]);
  const copy = join(app.dataDir, 'exports', `${app.tenantId}-attachments`, id);
  expect(readFileSync(copy, 'utf8')).toBe('twelve bytes');
});
