import { randomUUID } from 'node:crypto';
import { createSignInLink } from '@it0/api/auth/sign-in-link';
import { createLog } from '@it0/server/log';
import { type Credentials, toAuthHeaders } from '@it0/tests/support/app';
import { approvalReport } from '@it0/tests/support/approval';
import { createFixture } from '@it0/tests/support/fixture';
import { follow } from '@it0/tests/support/follow';
import { getRefusal } from '@it0/tests/support/refusal';
import { redeemSignInLink } from '@it0/tests/support/sign-in-link';
import { totp } from '@it0/tests/support/totp';
import { expect, test } from 'vitest';

/** Secrets and texts of this test, which must not be in the log, not even in part. */
const texts = {
  password: 'hunter2 hunter2',
  wrong: 'hunter1 hunter1',
  next: 'hunter3 hunter3',
  message: 'the launch code is 0451-marker',
  reply: 'it is 0451-marker indeed',
  command: 'echo 0451-marker',
  email: 'grace-marker@example.com',
};

test('the log never contains passwords, tokens, keys, addresses or messages, even at trace level and on errors', async () => {
  const lines: string[] = [];
  await using world = await createFixture({ log: createLog('trace', { write: (line) => lines.push(line) }) });
  const { app, bridge, client } = world;
  const secrets = new Set<string>(Object.values(texts));
  const secret = <T extends string>(value: T): T => {
    secrets.add(value);
    // Neither part of a signed token.
    for (const part of value.split('.')) if (part.length > 15) secrets.add(part);
    return value;
  };

  // An account, from its invitation to its end.
  const { id } = await client.invitation.create.mutate({ email: texts.email, role: 'operator' });
  const anonymous = app.client();
  const joined = await anonymous.invitation.join.mutate({ id, name: 'Grace', password: texts.password, by: 'bearer' });
  const login = { bearer: secret(joined.token!) };
  const grace = app.client(login);
  await getRefusal(anonymous.auth.signIn.mutate({ email: texts.email, password: texts.wrong }));
  const secondLogin = await anonymous.auth.signIn.mutate({
    email: texts.email,
    password: texts.password,
    by: 'bearer',
  });
  if (secondLogin.challenge === null) secret(secondLogin.token!);
  const factor = await grace.secondFactor.begin.mutate({ password: texts.password });
  for (const code of [secret(factor.secret), ...factor.backupCodes]) secret(code);
  await getRefusal(grace.secondFactor.confirm.mutate({ code: '000000' }));
  const confirmed = await grace.secondFactor.confirm.mutate({ code: totp(factor.secret) });
  const graceAfter = app.client({ bearer: secret(confirmed.token!) });
  const second = await anonymous.auth.signIn.mutate({ email: texts.email, password: texts.password });
  await getRefusal(anonymous.auth.verifyCode.mutate({ challenge: secret(second.challenge!), code: '000000' }));
  await graceAfter.account.changePassword.mutate({ current: texts.password, next: texts.next });
  const created = await graceAfter.apiKey.create.mutate({ name: 'k', scopes: ['instance:read'], days: 1 });
  const byKey: Credentials = { apiKey: secret(created.key) };
  await app.client(byKey).instance.list.query();
  await client.device.list.query();
  const members = await client.member.list.query();
  const { userId } = members.find(({ name }) => name === 'Grace')!;
  const reset = await client.member.resetLink.mutate({ userId });
  await anonymous.auth.resetPassword.mutate({ token: secret(reset.token), password: texts.password });
  const link = secret(await createSignInLink(app.database, userId));
  await fetch(`${app.url}/sign-in/${link}`);
  for (let n = 0; n < 2; n++) await redeemSignInLink(`${app.url}/sign-in/${link}`);

  // A session with a subscription, and valid and invalid callbacks.
  secret(decodeURIComponent(world.user.cookie.split('=')[1]!));
  const { task, sessionId } = await world.send(texts.message);
  secret(task.callbackToken);
  using events = follow(client, sessionId, '0');
  await bridge.report(task, { type: 'task', status: 'RUNNING' }, { type: 'text', offset: 0, delta: texts.reply });
  await bridge.post(task, { taskId: task.taskId, events: [{ n: 9, type: 'completed', text: texts.reply }] });
  await bridge.post(task, `{"text":"${texts.reply}`);
  await bridge.post(task, { taskId: task.taskId, events: [] }, `${task.callbackToken}x`);
  await bridge.report(task, approvalReport({ command: texts.command, allowedDecisions: ['deny'] }));

  // Internal errors whose messages quote the input.
  const schema = `"tenant_${app.tenantId.replaceAll('-', '')}"`;
  await app.database.pool.query(`ALTER TABLE ${schema}."AgentTask" RENAME TO "gone"`);
  await app.database.pool.query('ALTER TABLE public."Verification" RENAME TO "GoneToo"');
  await bridge.report(task, { type: 'completed', text: texts.reply });
  await getRefusal(
    client.instance.createTask.mutate({
      instanceId: world.instance.id,
      message: texts.message,
      requestId: randomUUID(),
    }),
  );
  await getRefusal(anonymous.auth.resetPassword.mutate({ token: reset.token, password: texts.next }));
  await fetch(`${app.url}/trpc/auth.signIn`, { method: 'POST', headers: toAuthHeaders(byKey), body: texts.password });
  await app.database.pool.query(`ALTER TABLE ${schema}."gone" RENAME TO "AgentTask"`);

  const log = lines.join('');
  expect(log).toContain('a procedure failed');
  expect([...secrets].filter((value) => log.includes(value))).toEqual([]);
  expect(events.errors).toEqual([]);
});
