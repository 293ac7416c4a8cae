import { toDecisionInput } from '@it0/client/chat-source';
import { PENDING_LIMIT } from '@it0/contracts/event-kinds';
import { limits } from '@it0/contracts/limits';
import { approvalReport } from '@it0/tests/support/approval';
import { createFixture } from '@it0/tests/support/fixture';
import { follow } from '@it0/tests/support/follow';
import { getRefusal } from '@it0/tests/support/refusal';
import { setRules } from '@it0/tests/support/set-rules';
import { until } from '@it0/tests/support/until';
import { expect, test, vi } from 'vitest';

const newApprovalRequest = (command = 'df -h') => approvalReport({ command, cwd: '/srv' });

type World = Awaited<ReturnType<typeof createFixture>>;

async function requestApproval(world: World, approvalRequest = newApprovalRequest()) {
  const sent = await world.send();
  await world.bridge.report(sent.task, { type: 'task', status: 'RUNNING' }, approvalRequest);
  return { ...sent, approvalRequest, approvalId: approvalRequest.approvalId };
}

/** Decides as a person who saw the approval. */
const decide = (
  { client }: Pick<World, 'client'>,
  approvalRequest: ReturnType<typeof newApprovalRequest>,
  decision: 'allow-once' | 'deny',
) => client.approval.resolve.mutate(toDecisionInput(approvalRequest, decision));

test('an approval is pending until a person decides, and the bridge gets the decision once', async () => {
  await using world = await createFixture();
  const { client, bridge, user } = world;
  const { sessionId, task, approvalId, approvalRequest } = await requestApproval(world);
  using events = follow(client, sessionId, '0');
  expect(await events.next('approval')).toMatchObject({ command: 'df -h', cwd: '/srv', status: 'PENDING' });
  expect((await client.session.messages.query({ sessionId })).replies[0]?.status).toBe('WAITING_APPROVAL');
  expect(await client.instance.list.query()).toMatchObject([{ pendingApprovals: 1, runningTasks: 1 }]);

  expect(await decide(world, approvalRequest, 'allow-once')).toEqual({ status: 'ALLOWED' });
  await until(() => bridge.decisions.length > 0);
  expect(bridge.decisions).toEqual([{ id: approvalId, decision: 'allow-once' }]);
  const decided = await events.next('approval', (event) => event.status === 'ALLOWED');
  expect(decided.decidedBy).toBe(user.name);

  await bridge.report(task, { ...approvalRequest, status: 'ALLOWED' }, { type: 'completed', text: 'ok' });
  await events.next('completed');
  expect(events.durable().filter((event) => event.type === 'approval')).toHaveLength(2);
  const { messages } = await client.session.messages.query({ sessionId });
  expect(messages[1]?.parts[0]).toMatchObject({ type: 'approval', status: 'ALLOWED', decidedBy: user.name });
});

test('one of two concurrent decisions is accepted, and the other gets APPROVAL_DECIDED', async () => {
  await using world = await createFixture();
  const { bridge } = world;
  const { approvalRequest } = await requestApproval(world);
  const responses = await Promise.allSettled(
    (['allow-once', 'deny'] as const).map((decision) => decide(world, approvalRequest, decision)),
  );
  const [accepted, refused] = responses.toSorted((one) => (one.status === 'fulfilled' ? -1 : 1));
  expect(accepted?.status).toBe('fulfilled');
  expect(refused).toMatchObject({
    status: 'rejected',
    reason: { data: { reason: 'APPROVAL_DECIDED', httpStatus: 409 } },
  });
  await until(() => bridge.decisions.length > 0);
  expect(bridge.decisions).toHaveLength(1);
});

test('approval.resolve is idempotent for the same decision', async () => {
  await using world = await createFixture();
  const { approvalRequest } = await requestApproval(world);
  expect(await decide(world, approvalRequest, 'deny')).toEqual({ status: 'DENIED' });
  expect(await decide(world, approvalRequest, 'deny')).toEqual({ status: 'DENIED' });
});

test('approval.resolve returns the reason when the approval expired, its task ended or it does not exist', async () => {
  await using world = await createFixture();
  const { bridge } = world;
  const refusal = async (approvalRequest: ReturnType<typeof newApprovalRequest>) =>
    (await getRefusal(decide(world, approvalRequest, 'allow-once'))).data.reason;
  const expired = await requestApproval(world, { ...newApprovalRequest(), expiresInMs: 0 });
  expect(await refusal(expired.approvalRequest)).toBe('APPROVAL_EXPIRED');
  const ended = await requestApproval(world);
  await bridge.report(ended.task, { type: 'completed', text: '' });
  expect(await refusal(ended.approvalRequest)).toBe('TASK_ENDED');
  expect(await refusal(newApprovalRequest())).toBe('APPROVAL_NOT_FOUND');
  expect(bridge.decisions).toEqual([]);
});

test('a task is WAITING_APPROVAL while one of its approvals is pending', async () => {
  await using world = await createFixture();
  const { client, bridge } = world;
  const { sessionId, task, approvalRequest } = await requestApproval(world);
  const second = newApprovalRequest('reboot');
  await bridge.report(task, second);
  await decide(world, approvalRequest, 'allow-once');
  const readStatus = async () => (await client.session.messages.query({ sessionId })).replies[0]?.status;
  expect(await readStatus()).toBe('WAITING_APPROVAL');
  await decide(world, second, 'deny');
  expect(await readStatus()).toBe('RUNNING');
});

test('a report for the approval of another task is refused', async () => {
  await using world = await createFixture();
  const { approvalRequest } = await requestApproval(world);
  const other = await world.send();
  const response = await world.bridge.report(other.task, approvalReport({ ...approvalRequest, command: 'rm -rf /' }));
  expect(response.status).toBe(422);
  const approval = await world.app.tenant.approval.findUniqueOrThrow({ where: { id: approvalRequest.approvalId } });
  expect(approval.request).toMatchObject({ command: 'df -h' });
});

test('a report that an approval was allowed is refused when no person or rule allowed it', async () => {
  await using world = await createFixture();
  const { task, taskId } = await world.send();
  const statuses = ['ALLOWED', 'DENIED', 'EXPIRED', 'CANCELLED'] as const;
  const post = async (...events: object[]) => (await world.bridge.post(task, { taskId, events })).status;
  for (const status of statuses)
    expect([status, await post({ ...newApprovalRequest(), status, n: 1 })]).toEqual([status, 422]);
  expect(await world.app.tenant.approval.count()).toBe(0);
  const approvalRequest = newApprovalRequest();
  expect(await post({ ...approvalRequest, n: 1 }, { ...approvalRequest, status: 'ALLOWED', n: 2 })).toBe(422);
  expect(await world.app.tenant.approval.count()).toBe(0);
  expect(await post({ ...approvalRequest, n: 1 })).toBe(200);
  expect(await post({ ...approvalRequest, status: 'ALLOWED', n: 2 })).toBe(422);
  expect(await world.app.tenant.approval.findMany({ select: { status: true } })).toEqual([{ status: 'PENDING' }]);
  await decide(world, approvalRequest, 'deny');
  expect(await post({ ...approvalRequest, status: 'ALLOWED', n: 2 })).toBe(422);
  expect(await post({ ...approvalRequest, status: 'DENIED', n: 2 })).toBe(200);
});

const races = (['allow-once', 'deny'] as const).flatMap((decision) =>
  (['EXPIRED', 'CANCELLED'] as const).map((status) => ({ decision, status })),
);

test.for(races)('the first of the decision $decision and the report $status is final', async ({ decision, status }) => {
  await using world = await createFixture();
  const decided = decision === 'deny' ? 'DENIED' : 'ALLOWED';
  const [decidedFirst, reportedFirst, concurrent] = [
    await requestApproval(world),
    await requestApproval(world),
    await requestApproval(world),
  ];
  const report = ({ task, approvalRequest }: typeof concurrent) =>
    world.bridge.report(task, { ...approvalRequest, status });
  const settle = ({ approvalRequest }: typeof concurrent) => decide(world, approvalRequest, decision);

  await settle(decidedFirst);
  expect((await report(decidedFirst)).status).toBe(200);
  await report(reportedFirst);
  await getRefusal(settle(reportedFirst));
  const [outcome, response] = await Promise.allSettled([settle(concurrent), report(concurrent)]);
  expect(response).toMatchObject({ value: { status: 200 } });

  const finals = [decided, status, outcome.status === 'fulfilled' ? decided : status];
  for (const [index, { approvalId, taskId }] of [decidedFirst, reportedFirst, concurrent].entries()) {
    const { tenant } = world.app;
    expect(await tenant.approval.findUniqueOrThrow({ where: { id: approvalId } })).toMatchObject({
      status: finals[index],
    });
    const events = await tenant.chatEvent.findMany({ where: { taskId }, orderBy: { seq: 'asc' } });
    const statuses = events.map(({ payload }) => payload as { type: string; status: string });
    expect(statuses.filter(({ type }) => type === 'approval').map((event) => event.status)).toEqual([
      'PENDING',
      finals[index],
    ]);
  }
});

test('a report that changes the command of a pending approval is refused', async () => {
  await using world = await createFixture();
  const { task, approvalRequest } = await requestApproval(world);
  for (const other of [{ command: 'rm -rf /' }, { cwd: '/' }, { allowedDecisions: ['allow-once' as const] }])
    for (const status of ['PENDING', 'ALLOWED'] as const) {
      const report = { ...approvalReport({ ...approvalRequest, ...other, status }), n: 3 };
      expect((await world.bridge.post(task, { taskId: task.taskId, events: [report] })).status).toBe(422);
    }
  const approval = await world.app.tenant.approval.findUniqueOrThrow({ where: { id: approvalRequest.approvalId } });
  expect(approval).toMatchObject({ status: 'PENDING', request: { command: 'df -h', cwd: '/srv' } });
  expect((await world.bridge.report(task, approvalRequest)).status).toBe(200);
});

test('approval.resolve returns APPROVAL_CHANGED when the approval differs from what the person saw', async () => {
  await using world = await createFixture();
  const { approvalRequest } = await requestApproval(world);
  const others = [
    { command: 'df' },
    { command: 'df -h ' },
    { cwd: '/' },
    { cwd: undefined },
    { kind: 'write' as const },
    { allowedDecisions: ['deny' as const] },
  ];
  for (const other of others) {
    const seen = toDecisionInput({ ...approvalRequest, ...other }, 'allow-once');
    expect((await getRefusal(world.client.approval.resolve.mutate(seen))).data.reason).toBe('APPROVAL_CHANGED');
  }
  expect(world.bridge.decisions).toEqual([]);
  expect(await decide(world, approvalRequest, 'allow-once')).toEqual({ status: 'ALLOWED' });
});

test.for([
  ['is already allowed', { ...newApprovalRequest(), status: 'ALLOWED' }],
  ['has already expired', { ...newApprovalRequest(), status: 'EXPIRED' }],
  ['has the digest of another command', { ...newApprovalRequest('rm -rf /'), command: 'df -h' }],
  ['has the digest of another folder', { ...newApprovalRequest(), cwd: '/etc' }],
  ['has the digest of another kind', { ...newApprovalRequest(), kind: 'exec-unsandboxed' }],
] as const)('the first report of an approval is refused when it %s', async ([, report]) => {
  await using world = await createFixture();
  const { task } = await world.send();
  expect((await world.bridge.report(task, report)).status).toBe(422);
  expect(await world.app.tenant.approval.count()).toBe(0);
});

test.for([35, 60])(
  'an approval keeps its full validity when the clock of its bridge is %i minutes slow',
  async (minutes) => {
    await using world = await createFixture();
    const { client, instance } = world;
    const expiresInMs = 30 * 60_000;
    // The bridge also sends an absolute time, which has passed by other clocks.
    const expiresAt = new Date(Date.now() - minutes * 60_000 + expiresInMs).toISOString();
    const createReport = (command: string) => ({ ...newApprovalRequest(command), expiresInMs, expiresAt });

    const { sessionId, approvalRequest } = await requestApproval(world, createReport('df -h'));
    const [listed] = (await client.approval.pending.query()).approvals;
    expect(Date.parse(listed!.expiresAt) - Date.parse(listed!.askedAt)).toBe(expiresInMs);
    const [reply] = (await client.session.messages.query({ sessionId })).replies;
    expect(reply?.steps).toMatchObject([{ type: 'approval', status: 'PENDING', expiresAt: listed!.expiresAt }]);
    expect(await decide(world, approvalRequest, 'allow-once')).toEqual({ status: 'ALLOWED' });

    const rules = [{ kind: 'exec', pattern: 'free -h', action: 'allow' } as const];
    await setRules(client, instance.id, rules);
    const ruled = await requestApproval(world, createReport('free -h'));
    expect(await world.app.tenant.approval.findUniqueOrThrow({ where: { id: ruled.approvalId } })).toMatchObject({
      ...{ status: 'ALLOWED', decidedByRule: 'free -h' },
    });
  },
);

test.for([-2, 2])(
  'an approval expires by the database’s clock on a server whose own is %i hours off',
  async (hours) => {
    await using world = await createFixture();
    const waiting = await requestApproval(world);
    const expired = await requestApproval(world, { ...newApprovalRequest('reboot'), expiresInMs: 0 });
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + hours * 3_600_000 });
    try {
      const { approvals } = await world.client.approval.pending.query();
      expect(approvals).toMatchObject([{ approvalId: waiting.approvalId }]);
      const late = await getRefusal(decide(world, expired.approvalRequest, 'allow-once'));
      expect(late.data.reason).toBe('APPROVAL_EXPIRED');
      expect(await decide(world, waiting.approvalRequest, 'allow-once')).toEqual({ status: 'ALLOWED' });
    } finally {
      vi.useRealTimers();
    }
  },
);

test('approvals beyond the limit of pending ones are denied, and rules still decide', async () => {
  await using world = await createFixture();
  const { app, bridge, client, instance } = world;
  await setRules(client, instance.id, [{ kind: 'exec', pattern: 'df -h /srv', action: 'allow' }]);
  const { task, sessionId } = await world.send();
  const commands = Array.from({ length: limits.taskPendingApprovals }, (_, n) => newApprovalRequest(`reboot ${n}`));
  const [denied, ruled, later] = [
    newApprovalRequest('reboot now'),
    newApprovalRequest('df -h /srv'),
    newApprovalRequest('reboot later'),
  ];
  const post = async (...reports: Parameters<typeof bridge.report>[1][]) =>
    (await bridge.report(task, ...reports)).json();
  await post({ type: 'task', status: 'RUNNING' }, ...commands);
  expect((await post(denied, ruled)).decisions).toEqual([
    { approvalId: denied.approvalId, decision: 'deny' },
    { approvalId: ruled.approvalId, decision: 'allow-once' },
  ]);
  expect((await post({ ...denied, status: 'DENIED' })).ack).toBe(commands.length + 4);
  using events = follow(client, sessionId, '0');
  expect(await events.next('approval', ({ status }) => status === 'DENIED')).toMatchObject({
    ...{ approvalId: denied.approvalId, decidedByRule: PENDING_LIMIT },
  });
  await post({ ...commands[0]!, status: 'EXPIRED' }, later);
  const readStatus = async ({ approvalId: id }: typeof later) =>
    (await app.tenant.approval.findUniqueOrThrow({ where: { id } })).status;
  expect([await readStatus(denied), await readStatus(later)]).toEqual(['DENIED', 'PENDING']);
});

test('approvals beyond the limit of a task are not recorded, and its reports are still accepted', async () => {
  await using world = await createFixture();
  const { app, bridge, client, instance } = world;
  await setRules(client, instance.id, [{ kind: 'exec', pattern: 'df **', action: 'deny' }]);
  const { task, taskId } = await world.send();
  await bridge.report(task, { type: 'task', status: 'RUNNING' });
  await app.tenant.approval.createMany({
    data: Array.from({ length: limits.taskApprovals - 1 }, () => ({
      ...{
        id: crypto.randomUUID(),
        taskId,
        request: newApprovalRequest(),
        status: 'DENIED' as const,
        expiresAt: new Date(),
      },
    })),
  });
  const [last, further] = [newApprovalRequest(), newApprovalRequest()];
  const { decisions, ack } = await (await bridge.report(task, last, further, { ...further, status: 'EXPIRED' })).json();
  expect([decisions, ack]).toEqual([[{ approvalId: last.approvalId, decision: 'deny' }], 4]);
  expect(await app.tenant.approval.count({ where: { taskId } })).toBe(limits.taskApprovals);
  expect((await bridge.report(task, { type: 'completed', text: 'done' })).status).toBe(200);
  expect(await app.tenant.agentTask.findUniqueOrThrow({ where: { id: taskId } })).toMatchObject({
    status: 'COMPLETED',
  });
});
