import { randomUUID } from 'node:crypto';
import { follow } from '@it0/tests/support/follow';
import { scene } from '@it0/tests/support/scene';
import { until } from '@it0/tests/support/until';
import { expect, test } from 'vitest';

const ask = (command = 'df -h') =>
  ({
    type: 'approval',
    approvalId: randomUUID(),
    command,
    cwd: '/srv',
    allowedDecisions: ['allow-once', 'deny'] as ('allow-once' | 'deny')[],
    expiresAt: new Date(Date.now() + 60_000).toISOString(),
    status: 'PENDING',
    textOffset: 0,
  }) as const;

async function asked(stage: Awaited<ReturnType<typeof scene>>, question = ask()) {
  const sent = await stage.send();
  await stage.bridge.report(sent.task, { type: 'task', status: 'RUNNING' }, question);
  return { ...sent, question, approvalId: question.approvalId };
}

test('a command waits for a person, the decision reaches the bridge once, and everybody sees who decided', async () => {
  await using stage = await scene();
  const { client, bridge, user } = stage;
  const { sessionId, task, approvalId, question } = await asked(stage);
  using events = follow(client, sessionId, '0');
  expect(await events.next('approval')).toMatchObject({ command: 'df -h', cwd: '/srv', status: 'PENDING' });
  expect((await client.session.messages.query({ sessionId })).replies[0]?.status).toBe('WAITING_APPROVAL');
  expect(await client.instance.list.query()).toMatchObject([{ pendingApprovals: 1, runningTasks: 1 }]);

  expect(await client.approval.resolve.mutate({ approvalId, decision: 'allow-once' })).toEqual({ status: 'ALLOWED' });
  await until(() => bridge.decisions.length > 0);
  expect(bridge.decisions).toEqual([{ id: approvalId, decision: 'allow-once' }]);
  const decided = await events.next('approval', (event) => event.status === 'ALLOWED');
  expect(decided.decidedBy).toBe(user.name);

  await bridge.report(task, { ...question, status: 'ALLOWED' }, { type: 'completed', text: 'ok' });
  await events.next('completed');
  expect(events.durable().filter((event) => event.type === 'approval')).toHaveLength(2);
  const { messages } = await client.session.messages.query({ sessionId });
  expect(messages[1]?.parts[0]).toMatchObject({ type: 'approval', status: 'ALLOWED', decidedBy: user.name });
});

test('of two devices that decide at once one wins, and the other is told', async () => {
  await using stage = await scene();
  const { client, bridge } = stage;
  const { approvalId } = await asked(stage);
  const answers = await Promise.allSettled(
    (['allow-once', 'deny'] as const).map((decision) => client.approval.resolve.mutate({ approvalId, decision })),
  );
  const [won, lost] = answers.toSorted((one) => (one.status === 'fulfilled' ? -1 : 1));
  expect(won?.status).toBe('fulfilled');
  expect(lost).toMatchObject({ status: 'rejected', reason: { data: { reason: 'APPROVAL_DECIDED', httpStatus: 409 } } });
  await until(() => bridge.decisions.length > 0);
  expect(bridge.decisions).toHaveLength(1);
});

test('the same decision again answers the same', async () => {
  await using stage = await scene();
  const { approvalId } = await asked(stage);
  const decide = () => stage.client.approval.resolve.mutate({ approvalId, decision: 'deny' });
  expect(await decide()).toEqual({ status: 'DENIED' });
  expect(await decide()).toEqual({ status: 'DENIED' });
});

test('an expired approval, one of an ended task and one that does not exist say so', async () => {
  await using stage = await scene();
  const { client, bridge } = stage;
  const refusal = async (approvalId: string) =>
    (await client.approval.resolve.mutate({ approvalId, decision: 'allow-once' }).catch((error) => error)).data.reason;
  const expired = await asked(stage, { ...ask(), expiresAt: new Date(Date.now() - 1).toISOString() });
  expect(await refusal(expired.approvalId)).toBe('APPROVAL_EXPIRED');
  const ended = await asked(stage);
  await bridge.report(ended.task, { type: 'completed', text: '' });
  expect(await refusal(ended.approvalId)).toBe('TASK_ENDED');
  expect(await refusal(randomUUID())).toBe('APPROVAL_NOT_FOUND');
  expect(bridge.decisions).toEqual([]);
});

test('a task waits as long as one of its approvals does', async () => {
  await using stage = await scene();
  const { client, bridge } = stage;
  const { sessionId, task, approvalId } = await asked(stage);
  const second = ask('reboot');
  await bridge.report(task, second);
  await client.approval.resolve.mutate({ approvalId, decision: 'allow-once' });
  const statusOf = async () => (await client.session.messages.query({ sessionId })).replies[0]?.status;
  expect(await statusOf()).toBe('WAITING_APPROVAL');
  await client.approval.resolve.mutate({ approvalId: second.approvalId, decision: 'deny' });
  expect(await statusOf()).toBe('RUNNING');
});

test('a bridge cannot take over the approval of another task', async () => {
  await using stage = await scene();
  const { question } = await asked(stage);
  const other = await stage.send();
  const response = await stage.bridge.report(other.task, { ...question, command: 'rm -rf /' });
  expect(response.status).toBe(422);
  const approval = await stage.app.tenant.approval.findUniqueOrThrow({ where: { id: question.approvalId } });
  expect(approval.request).toMatchObject({ command: 'df -h' });
});
