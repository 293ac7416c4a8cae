import { toDecisionInput } from '@it0/client/chat-source';
import { limits } from '@it0/contracts/limits';
import { approvalReport } from '@it0/tests/support/approval';
import { createFixture } from '@it0/tests/support/fixture';
import { followApprovals } from '@it0/tests/support/follow-approvals';
import { until } from '@it0/tests/support/until';
import { expect, test } from 'vitest';

type World = Awaited<ReturnType<typeof createFixture>>;

async function requestApproval({ bridge, send }: World, command: string, expiresInMs = 3_600_000) {
  const sent = await send();
  const approvalRequest = approvalReport({ command, cwd: '/srv', expiresInMs });
  await bridge.report(sent.task, { type: 'task', status: 'RUNNING' }, approvalRequest);
  return { ...sent, approvalRequest };
}

test('approval.pending lists the oldest first, with everything that a decision needs', async () => {
  await using world = await createFixture();
  const { client, instance, user } = world;
  const first = await requestApproval(world, 'df -h');
  const second = await requestApproval(world, 'reboot');
  await requestApproval(world, 'too late', 0);
  const { approvals: pending } = await client.approval.pending.query();
  expect(pending).toMatchObject([
    {
      approvalId: first.approvalRequest.approvalId,
      ...{ kind: 'exec', command: 'df -h', cwd: '/srv', allowedDecisions: ['allow-once', 'deny'] },
      ...{ instanceId: instance.id, instanceName: instance.name, sessionId: first.sessionId, askerName: user.name },
      sessionTitle: first.message,
    },
    { approvalId: second.approvalRequest.approvalId, command: 'reboot' },
  ]);
  const { askedAt, expiresAt } = pending[0]!;
  expect(Date.parse(expiresAt) - Date.parse(askedAt)).toBe(first.approvalRequest.expiresInMs);
  await client.approval.resolve.mutate(toDecisionInput(pending[0]!, 'deny'));
  expect((await client.approval.pending.query()).approvals).toMatchObject([{ command: 'reboot' }]);
});

test('approval.onChange sends changes to every person with access, with the decider', async () => {
  await using world = await createFixture();
  const { app, client, bridge, instance, user } = world;
  await client.instance.share.mutate({ instanceId: instance.id, with: { role: 'operator' } });
  const operator = await app.newUser({ role: 'operator', name: 'Grace' });
  using ownList = followApprovals(client);
  using operatorList = followApprovals(app.client(operator));
  await Promise.all([ownList.waiting(), operatorList.waiting()]);

  const allowed = await requestApproval(world, 'df -h');
  const cancelled = await requestApproval(world, 'reboot');
  await Promise.all([ownList.waiting('df -h', 'reboot'), operatorList.waiting('df -h', 'reboot')]);
  await app.client(operator).approval.resolve.mutate(toDecisionInput(allowed.approvalRequest, 'allow-once'));
  await Promise.all([ownList.waiting('reboot'), operatorList.waiting('reboot')]);
  await bridge.report(cancelled.task, { type: 'completed', text: '' });
  await Promise.all([ownList.waiting(), operatorList.waiting()]);
  for (const list of [ownList, operatorList])
    expect(list.settled()).toEqual([
      { approvalId: allowed.approvalRequest.approvalId, status: 'ALLOWED', decidedBy: 'Grace', decidedByRule: null },
      { approvalId: cancelled.approvalRequest.approvalId, status: 'CANCELLED', decidedBy: null, decidedByRule: null },
    ]);

  const expired = await requestApproval(world, 'ls');
  await ownList.waiting('ls');
  await bridge.report(expired.task, { ...expired.approvalRequest, status: 'EXPIRED' });
  await ownList.waiting();
  const last = await requestApproval(world, 'top');
  await ownList.waiting('top');
  await client.approval.resolve.mutate(toDecisionInput(last.approvalRequest, 'deny'));
  await ownList.waiting();
  expect(ownList.settled().slice(2)).toMatchObject([{ status: 'EXPIRED' }, { status: 'DENIED', decidedBy: user.name }]);
});

test('cancelling a task removes its approvals from the list', async () => {
  await using world = await createFixture();
  using list = followApprovals(world.client);
  const { taskId, task } = await requestApproval(world, 'ls');
  await list.waiting('ls');
  await world.client.task.cancel.mutate({ taskId });
  await until(() => world.bridge.cancelled.length > 0);
  await world.bridge.report(task, { type: 'error', status: 'CANCELLED', reason: 'CANCELLED_BY_USER', text: '' });
  await list.waiting();
});

test('approval.onChange sends nothing without access, and stops when access is revoked', async () => {
  await using world = await createFixture();
  const { app, client, instance } = world;
  const colleague = await app.newUser({ role: 'operator' });
  const stranger = await app.newUser({ inTenant: await app.database.createTenant({ name: 'Other' }) });
  using colleagueList = followApprovals(app.client(colleague));
  using foreign = followApprovals(app.client(stranger));
  using ownList = followApprovals(client);
  await Promise.all([colleagueList.waiting(), foreign.waiting()]);
  await requestApproval(world, 'one');
  await ownList.waiting('one');
  await client.instance.share.mutate({ instanceId: instance.id, with: { userId: colleague.id } });
  await requestApproval(world, 'two');
  await colleagueList.waiting('one', 'two');

  const [share] = await client.instance.shares.query({ instanceId: instance.id });
  await client.instance.unshare.mutate({ instanceId: instance.id, shareId: share!.id });
  await colleagueList.waiting();
  await requestApproval(world, 'three');
  await ownList.waiting('one', 'two', 'three');
  expect(JSON.stringify(colleagueList.all)).not.toContain('three');
  expect(foreign.all).toEqual([{ pending: [], notListed: 0, settled: [] }]);
});

test('approval.onChange sends changes of another server', async () => {
  await using world = await createFixture();
  const other = await world.app.another();
  using list = followApprovals(world.app.client(world.user, other.url));
  await list.waiting();
  await requestApproval(world, 'df -h');
  await list.waiting('df -h');
});

test('many pending approvals of one instance do not push those of another off the list', async () => {
  await using world = await createFixture();
  const { app, bridge, client, instance, user } = world;
  const many = limits.instancePendingApprovals + 5;
  for (let remaining = many; remaining > 0; remaining -= limits.taskPendingApprovals) {
    const { task } = await world.send();
    const reports = Array.from({ length: Math.min(remaining, limits.taskPendingApprovals) }, () => approvalReport());
    await bridge.report(task, { type: 'task', status: 'RUNNING' }, ...reports);
  }
  const other = await app.newInstance(user, { bridgeUrl: bridge.url });
  await requestApproval({ ...world, send: () => world.send(undefined, undefined, other.id) }, 'reboot');
  const { approvals, notListed } = await client.approval.pending.query();
  expect([approvals.length, notListed]).toEqual([limits.instancePendingApprovals + 1, 5]);
  expect(approvals[0]).toMatchObject({ instanceId: instance.id });
  expect(approvals.at(-1)).toMatchObject({ instanceId: other.id, command: 'reboot' });
});

test('the approvals of an instance are counted when others fill the list', async () => {
  await using world = await createFixture();
  const { app, client, user } = world;
  const ids = Array.from({ length: limits.pendingApprovals + 1 }, () => crypto.randomUUID());
  const [ownerId, engineType, driver, bridgeSecret] = [user.id, 'openclaw', 'local' as const, new Uint8Array()];
  // One instance with one session, one task and one approval for each id.
  await app.tenant.agentInstance.createMany({
    data: ids.map((id) => ({ id, ownerId, requestId: id, name: id, engineType, driver, bridgeSecret })),
  });
  await app.tenant.agentSession.createMany({
    data: ids.map((id) => ({ id, ownerId, agentInstanceId: id, engineType, title: id })),
  });
  await app.tenant.agentTask.createMany({
    data: ids.map((id) => ({ id, sessionId: id, ownerId, requestId: id, message: id })),
  });
  await app.tenant.approval.createMany({
    data: ids.map((id, second) => ({
      ...{ id, taskId: id, request: { command: 'ls', allowedDecisions: ['deny'] } },
      ...{ createdAt: new Date(second * 1_000), expiresAt: new Date(Date.now() + 600_000) },
    })),
  });
  const { approvals, notListed } = await client.approval.pending.query();
  expect(notListed).toBe(1);
  expect(approvals.map(({ approvalId }) => approvalId)).toEqual(ids.slice(0, -1));
});
