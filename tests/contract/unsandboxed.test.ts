import { startApproved } from '@it0/api/agent/approval/start-approved';
import { toDecisionInput } from '@it0/client/chat-source';
import { approvalReport } from '@it0/tests/support/approval';
import { createFixture } from '@it0/tests/support/fixture';
import { getRefusal } from '@it0/tests/support/refusal';
import { until } from '@it0/tests/support/until';
import { expect, test } from 'vitest';

type World = Awaited<ReturnType<typeof createFixture>>;

const command = { command: 'systemctl restart nginx', cwd: '/' };

/** Creates a pending approval of a command outside the sandbox, for an agent that is shared with all roles. */
async function newPendingApproval(world: World, driver: 'local' | 'remote') {
  const { app, instance, bridge } = world;
  await app.tenant.instanceShare.createMany({
    data: (['owner', 'admin', 'operator'] as const).map((role) => ({
      id: crypto.randomUUID(),
      instanceId: instance.id,
      role,
    })),
  });
  const { task } = await world.send();
  await app.tenant.agentInstance.update({ where: { id: instance.id }, data: { driver } });
  const report = approvalReport({ kind: 'exec-unsandboxed', ...command });
  await bridge.report(task, { type: 'task', status: 'RUNNING' }, report);
  return report;
}

test.for([
  ['local', 'admin', false],
  ['local', 'operator', false],
  ['local', 'owner', true],
  ['remote', 'operator', false],
  ['remote', 'admin', true],
] as const)(
  'approval.resolve of a command outside the sandbox of a %s agent by an %s is allowed: %s',
  async ([driver, role, may]) => {
    await using world = await createFixture();
    const report = await newPendingApproval(world, driver);
    const client =
      role === 'owner' ? world.client : world.app.client({ bearer: (await world.app.newUser({ role })).bearer });
    const decision = client.approval.resolve.mutate(toDecisionInput(report, 'allow-once'));
    if (may) expect(await decision).toEqual({ status: 'ALLOWED' });
    else {
      expect((await getRefusal(decision)).data.reason).toBe('FORBIDDEN');
      // Every person who can decide approvals may deny.
      expect(await client.approval.resolve.mutate(toDecisionInput(report, 'deny'))).toEqual({ status: 'DENIED' });
    }
  },
);

test('a rule for commands allows none outside the sandbox, and only an owner can set a rule that does', async () => {
  await using world = await createFixture();
  const { client, instance, app } = world;
  const { revision } = await client.approval.rules.query({ instanceId: instance.id });
  const rules = [{ kind: 'exec', pattern: '**', action: 'allow' }] as const;
  const saved = await client.approval.setRules.mutate({ instanceId: instance.id, rules: [...rules], revision });
  const report = await newPendingApproval(world, 'local');
  const { approvals } = await client.approval.pending.query();
  expect(approvals.map(({ approvalId }) => approvalId)).toEqual([report.approvalId]);
  await app.tenant.agentInstance.update({ where: { id: instance.id }, data: { ownerId: (await app.newUser()).id } });
  const admin = await app.newUser({ role: 'admin' });
  const ownInstance = await app.newInstance(admin);
  const adminClient = app.client({ bearer: admin.bearer });
  const unsandboxed = { kind: 'exec-unsandboxed', pattern: 'systemctl restart nginx', action: 'allow' } as const;
  const before = await adminClient.approval.rules.query({ instanceId: ownInstance.id });
  const setting = adminClient.approval.setRules.mutate({
    instanceId: ownInstance.id,
    rules: [unsandboxed],
    revision: before.revision,
  });
  expect((await getRefusal(setting)).data.reason).toBe('FORBIDDEN');
  expect(saved.rules).toHaveLength(1);
});

test('startApproved accepts an allowed command once, for its instance, text and folder only', async () => {
  await using world = await createFixture();
  const { app, client, instance } = world;
  const scope = { tenantId: app.tenantId, instanceId: instance.id };
  const report = await newPendingApproval(world, 'local');
  const request = { approvalId: report.approvalId, ...command };
  expect(await startApproved(app.database, scope, request)).toMatch(/was not approved/);
  await client.approval.resolve.mutate(toDecisionInput(report, 'allow-once'));
  const other = await app.newInstance(world.user);
  for (const [otherScope, otherRequest] of [
    [{ ...scope, instanceId: other.id }, request],
    [scope, { ...request, command: `${command.command} ` }],
    [scope, { ...request, cwd: '/etc' }],
    [scope, { ...request, approvalId: crypto.randomUUID() }],
  ] as const)
    expect(await startApproved(app.database, otherScope, otherRequest)).toMatch(/was not approved/);
  const outcomes = await Promise.all([
    startApproved(app.database, scope, request),
    startApproved(app.database, scope, request),
  ]);
  expect(outcomes.filter((refusal) => refusal === null)).toHaveLength(1);
  expect(await startApproved(app.database, scope, request)).toMatch(/was not approved/);
});

test('startApproved accepts no command of a task that is being cancelled', async () => {
  await using world = await createFixture();
  const { app, client, instance } = world;
  const report = await newPendingApproval(world, 'local');
  await client.approval.resolve.mutate(toDecisionInput(report, 'allow-once'));
  await app.tenant.agentTask.updateMany({ data: { cancelRequestedAt: new Date() } });
  const scope = { tenantId: app.tenantId, instanceId: instance.id };
  const request = { approvalId: report.approvalId, ...command };
  expect(await startApproved(app.database, scope, request)).toMatch(/was not approved/);
});

test('startApproved refuses every command on a machine with several organizations', async () => {
  await using world = await createFixture();
  const { app, client, instance } = world;
  const report = await newPendingApproval(world, 'local');
  await client.approval.resolve.mutate(toDecisionInput(report, 'allow-once'));
  await app.database.createTenant({ name: 'Another' });
  const scope = { tenantId: app.tenantId, instanceId: instance.id };
  const request = { approvalId: report.approvalId, ...command };
  expect(await startApproved(app.database, scope, request)).toMatch(/several organizations/);
});

test.for([
  ['local', 'owner'],
  ['remote', 'admin'],
] as const)(
  'a %s bridge gets a decision as a denial when its maker, an %s, lost the right before',
  async ([driver, role]) => {
    await using world = await createFixture({ bridgeAllow: ['127.0.0.1'] });
    const { app, bridge } = world;
    const report = await newPendingApproval(world, driver);
    const [decider, operator] = [await app.newUser({ role }), await app.newUser({ role: 'operator' })];
    const other = approvalReport({ command: 'reboot' });
    await bridge.report(bridge.tasks[0]!, other);
    bridge.refuseDecisions(Number.POSITIVE_INFINITY);
    await app.client(decider).approval.resolve.mutate(toDecisionInput(report, 'allow-once'));
    await app.client(operator).approval.resolve.mutate(toDecisionInput(other, 'allow-once'));
    await world.client.member.setRole.mutate({ userId: operator.id, role: 'viewer' });
    // The later role does not restore the decision.
    for (const later of ['operator', role] as const)
      await world.client.member.setRole.mutate({ userId: decider.id, role: later });
    bridge.refuseDecisions(0);
    // A decision may be delivered more than once.
    const denied = () => new Set(bridge.decisions.map(({ id, decision }) => decision === 'deny' && id));
    await until(() => denied().size === 2);
    expect(denied()).toEqual(new Set([report.approvalId, other.approvalId]));
    // Readers see what the bridge reports.
    await bridge.report(bridge.tasks[0]!, { ...report, status: 'DENIED' });
    expect(await app.tenant.approval.findUniqueOrThrow({ where: { id: report.approvalId } })).toMatchObject({
      status: 'DENIED',
      startedAt: null,
    });
  },
);
