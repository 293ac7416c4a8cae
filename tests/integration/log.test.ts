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

/** What is said and shown in this test, and must be in no log, whole or in part. */
const said = {
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
  const secrets = new Set<string>(Object.values(said));
  const secret = <T extends string>(value: T): T => {
    secrets.add(value);
    // A token with its signature: neither part.
    for (const part of value.split('.')) if (part.length > 15) secrets.add(part);
    return value;
  };

  // An account from its invitation to its end.
  const { id } = await client.invitation.create.mutate({ email: said.email, role: 'operator' });
  const nobody = app.client();
  const joined = await nobody.invitation.join.mutate({ id, name: 'Grace', password: said.password, by: 'bearer' });
  const login = { bearer: secret(joined.token!) };
  const grace = app.client(login);
  await getRefusal(nobody.auth.signIn.mutate({ email: said.email, password: said.wrong }));
  const again = await nobody.auth.signIn.mutate({ email: said.email, password: said.password, by: 'bearer' });
  if (again.challenge === null) secret(again.token!);
  const factor = await grace.secondFactor.begin.mutate({ password: said.password });
  for (const code of [secret(factor.secret), ...factor.backupCodes]) secret(code);
  await getRefusal(grace.secondFactor.confirm.mutate({ code: '000000' }));
  const confirmed = await grace.secondFactor.confirm.mutate({ code: totp(factor.secret) });
  const graceNow = app.client({ bearer: secret(confirmed.token!) });
  const second = await nobody.auth.signIn.mutate({ email: said.email, password: said.password });
  await getRefusal(nobody.auth.verifyCode.mutate({ challenge: secret(second.challenge!), code: '000000' }));
  await graceNow.account.changePassword.mutate({ current: said.password, next: said.next });
  const made = await graceNow.apiKey.create.mutate({ name: 'k', scopes: ['instance:read'], days: 1 });
  const byKey: Credentials = { apiKey: secret(made.key) };
  await app.client(byKey).instance.list.query();
  await client.device.list.query();
  const members = await client.member.list.query();
  const { userId } = members.find(({ name }) => name === 'Grace')!;
  const reset = await client.member.resetLink.mutate({ userId });
  await nobody.auth.resetPassword.mutate({ token: secret(reset.token), password: said.password });
  const link = secret(await createSignInLink(app.database, userId));
  await fetch(`${app.url}/sign-in/${link}`);
  for (let n = 0; n < 2; n++) await redeemSignInLink(`${app.url}/sign-in/${link}`);

  // A conversation, heard by cookie, and callbacks good and bad.
  secret(decodeURIComponent(world.user.cookie.split('=')[1]!));
  const { task, sessionId } = await world.send(said.message);
  secret(task.callbackToken);
  using events = follow(client, sessionId, '0');
  await bridge.report(task, { type: 'task', status: 'RUNNING' }, { type: 'text', offset: 0, delta: said.reply });
  await bridge.post(task, { taskId: task.taskId, events: [{ n: 9, type: 'completed', text: said.reply }] });
  await bridge.post(task, `{"text":"${said.reply}`);
  await bridge.post(task, { taskId: task.taskId, events: [] }, `${task.callbackToken}x`);
  await bridge.report(task, approvalReport({ command: said.command, allowedDecisions: ['deny'] }));

  // Failures inside, whose errors quote what they choke on.
  const schema = `"tenant_${app.tenantId.replaceAll('-', '')}"`;
  await app.database.pool.query(`ALTER TABLE ${schema}."AgentTask" RENAME TO "gone"`);
  await app.database.pool.query('ALTER TABLE public."Verification" RENAME TO "GoneToo"');
  await bridge.report(task, { type: 'completed', text: said.reply });
  await getRefusal(
    client.instance.createTask.mutate({
      instanceId: world.instance.id,
      message: said.message,
      requestId: randomUUID(),
    }),
  );
  await getRefusal(nobody.auth.resetPassword.mutate({ token: reset.token, password: said.next }));
  await fetch(`${app.url}/trpc/auth.signIn`, { method: 'POST', headers: toAuthHeaders(byKey), body: said.password });
  await app.database.pool.query(`ALTER TABLE ${schema}."gone" RENAME TO "AgentTask"`);

  const log = lines.join('');
  expect(log).toContain('a procedure failed');
  expect([...secrets].filter((value) => log.includes(value))).toEqual([]);
  // Nothing but one file writes a log, so nothing but that one was listened to.
  expect(events.errors).toEqual([]);
});
