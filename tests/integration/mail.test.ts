import { createServer } from 'node:net';
import { createMailer } from '@it0/server/mail/mail';
import { testApp } from '@it0/tests/support/app';
import { findLink, publicUrl, testMailServer } from '@it0/tests/support/mail-server';
import { getRefusal } from '@it0/tests/support/refusal';
import { until } from '@it0/tests/support/until';
import { pino } from 'pino';
import { expect, test } from 'vitest';

const email = 'grace@example.com';
const password = 'correct horse battery';

/** Sets up a server with a mail server. */
async function createWorld() {
  const stack = new AsyncDisposableStack();
  const lines: string[] = [];
  const log = pino({ level: 'trace' }, { write: (line: string) => lines.push(line) });
  const post = stack.use(await testMailServer({ log }));
  const app = stack.use(await testApp({ sendMail: post.sendMail, publicUrl }));
  return { post, app, lines, anonymous: app.client(), [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

test('an invitation is sent by mail in English and Chinese, and its link can be used to join', async () => {
  await using world = await createWorld();
  const { app, post, anonymous } = world;
  const owner = await app.newUser({ name: 'Ada' });
  const { id } = await app.client({ bearer: owner.bearer }).invitation.create.mutate({ email, role: 'viewer' });
  const mail = await post.mailTo(email);
  expect(mail.from).toMatchObject({ name: 'IT0', address: 'it0@it0.example' });
  expect(mail.subject).toBe('Ada invited you to join Acme on IT0 · Ada 邀请你加入 Acme');
  for (const words of ['Ada invited you to join Acme', 'Ada 邀请你加入']) {
    expect(mail.text).toContain(words);
    expect(mail.html).toContain(words);
  }
  const link = findLink(mail);
  expect(link.href).toBe(`${publicUrl}/invitation/${id}`);
  const joined = await anonymous.invitation.join.mutate({
    ...{ id: decodeURIComponent(link.pathname.split('/').at(-1)!), name: 'Grace', password, by: 'bearer' as const },
  });
  expect(await app.client({ bearer: joined.token! }).auth.me.query()).toMatchObject({
    ...{ user: { email }, tenant: { name: 'Acme', role: 'viewer' } },
  });
});

test('a reset link from a mail works once and signs out every device', async () => {
  await using world = await createWorld();
  const { app, post, anonymous } = world;
  const grace = await app.newUser({ name: 'Grace', email, password });
  await anonymous.auth.requestReset.mutate({ email });
  const link = findLink(await post.mailTo(email));
  expect(link.origin + link.pathname).toBe(`${publicUrl}/reset-password`);
  const token = link.searchParams.get('token')!;
  const next = 'a better password';
  await anonymous.auth.resetPassword.mutate({ token, password: next });
  expect((await getRefusal(app.client({ bearer: grace.bearer }).auth.me.query())).data.reason).toBe('NOT_SIGNED_IN');
  expect((await getRefusal(anonymous.auth.signIn.mutate({ email, password }))).data.reason).toBe('WRONG_CREDENTIALS');
  expect(await anonymous.auth.signIn.mutate({ email, password: next })).toMatchObject({ challenge: null });
  const second = anonymous.auth.resetPassword.mutate({ token, password });
  expect((await getRefusal(second)).data.reason).toBe('SIGN_IN_LINK_INVALID');
});

test('a reset link cannot be made from the stored data', async () => {
  await using world = await createWorld();
  const { app, post, anonymous } = world;
  await app.newUser({ email, password });
  await anonymous.auth.requestReset.mutate({ email });
  const token = findLink(await post.mailTo(email)).searchParams.get('token')!;
  const [stored, ...others] = await app.database.platform.resetLink.findMany();
  expect(others).toEqual([]);
  expect(JSON.stringify(stored)).not.toContain(token);
  for (const encoding of ['hex', 'base64', 'base64url'] as const) {
    const forged = Buffer.from(stored!.tokenHash).toString(encoding);
    const reset = anonymous.auth.resetPassword.mutate({ token: forged, password });
    expect((await getRefusal(reset)).data.reason).toBe('SIGN_IN_LINK_INVALID');
  }
});

test('requestReset does not reveal whether an address has an account', async () => {
  await using world = await createWorld();
  const { app, post } = world;
  await app.newUser({ email, password });
  const requestReset = async (address: string) => {
    const headers = { 'content-type': 'application/json' };
    const body = JSON.stringify({ email: address });
    const response = await fetch(`${app.url}/trpc/auth.requestReset`, { method: 'POST', headers, body });
    return [response.status, await response.text()];
  };
  expect(await requestReset('nobody@example.com')).toEqual(await requestReset(email));
  await post.mailTo(email);
  expect(post.mails.length).toBe(1);
});

test('requestReset returns the same refusal for every address when mail is not configured', async () => {
  await using app = await testApp();
  await app.newUser({ email, password });
  for (const address of [email, 'nobody@example.com']) {
    const refused = await getRefusal(app.client().auth.requestReset.mutate({ email: address }));
    expect(refused).toMatchObject({
      data: { reason: 'INVALID_INPUT' },
      message: expect.stringContaining('administrator'),
    });
  }
});

test('names cannot add headers or HTML to a mail', async () => {
  await using world = await createWorld();
  const { app, post } = world;
  const evil = 'Eve\r\nBcc: evil@example.com\u2028\u202e<img src=x onerror=alert(1)>&"';
  const owner = await app.newUser({ name: evil });
  await app.client({ bearer: owner.bearer }).invitation.create.mutate({ email, role: 'viewer' });
  const mail = await post.mailTo(email);
  expect([mail.bcc, mail.cc, mail.to?.length]).toEqual([undefined, undefined, 1]);
  expect(mail.headers.map(({ key }) => key)).not.toContain('bcc');
  expect(mail.subject).toContain('Eve Bcc: evil@example.com <img');
  expect(mail.html).not.toMatch(/<img|\u202e/);
  expect(mail.html).toContain('&lt;img src=x onerror=alert(1)&gt;&amp;&quot;');
  expect(findLink(mail).origin).toBe(publicUrl);
});

test('a mail is retried after a temporary refusal, and not after a permanent one', async () => {
  await using world = await createWorld();
  const { app, post, lines } = world;
  const owner = await app.newUser();
  post.refuse(451, 421);
  await app.client({ bearer: owner.bearer }).invitation.create.mutate({ email, role: 'viewer' });
  await post.mailTo(email);
  post.refuse(550, 451);
  await app.client({ bearer: owner.bearer }).invitation.create.mutate({ email: 'gone@example.com', role: 'viewer' });
  await until(() => lines.some((line) => line.includes('a mail was not sent')));
  expect(post.pendingRefusals()).toBe(1);
  const log = lines.join('');
  expect(log).toContain('"responseCode":550');
  expect(log).not.toMatch(/gone@|grace@|invitation\/|pass word/);
});

test('an unreachable or silent mail server does not delay an invitation', async () => {
  const silent = createServer(() => {});
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const { port } = silent.address() as { port: number };
  for (const url of [`smtp://127.0.0.1:${port}`, 'smtp://127.0.0.1:1', 'smtp://no-such-host.invalid']) {
    const log = pino({ level: 'silent' });
    const mailer = createMailer({ url, from: 'it0@it0.example', publicUrl, log, retryDelaysMs: [1] });
    await using app = await testApp({ sendMail: mailer.send, publicUrl });
    const owner = await app.newUser();
    const { id } = await app.client({ bearer: owner.bearer }).invitation.create.mutate({ email, role: 'viewer' });
    expect(await app.client().invitation.show.query({ id })).toMatchObject({ email });
    await app.client().auth.requestReset.mutate({ email: owner.email });
    mailer.close();
  }
  silent.close();
});
