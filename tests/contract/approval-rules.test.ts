import type { ApprovalRule } from '@it0/contracts/approval-rule';
import { limits } from '@it0/contracts/limits';
import { approvalReport } from '@it0/tests/support/approval';
import { createFixture } from '@it0/tests/support/fixture';
import { follow } from '@it0/tests/support/follow';
import { getRefusal } from '@it0/tests/support/refusal';
import { setRules } from '@it0/tests/support/set-rules';
import { until } from '@it0/tests/support/until';
import { expect, test } from 'vitest';

type World = Awaited<ReturnType<typeof createFixture>>;

const rule = (pattern: string, action: ApprovalRule['action'], kind: ApprovalRule['kind'] = 'exec') => ({
  ...{ kind, pattern, action },
});
const set = ({ client, instance }: Pick<World, 'client' | 'instance'>, ...rules: ApprovalRule[]) =>
  setRules(client, instance.id, rules);

async function requestApproval(world: World, command: string, overrides: Parameters<typeof approvalReport>[0] = {}) {
  const sent = await world.send();
  const approvalRequest = approvalReport({ command, ...overrides });
  await world.bridge.report(sent.task, { type: 'task', status: 'RUNNING' }, approvalRequest);
  return { ...sent, approvalRequest };
}
const findApproval = ({ app }: World, id: string) => app.tenant.approval.findUniqueOrThrow({ where: { id } });

test('a command that a rule allows runs without a person, and readers see the rule', async () => {
  await using world = await createFixture();
  const { client, bridge } = world;
  await set(world, rule('df **', 'allow'));
  const { sessionId, task, approvalRequest } = await requestApproval(world, 'df -h');
  const { approvalId } = approvalRequest;
  await until(() => bridge.decisions.length > 0);
  expect(bridge.decisions).toEqual([{ id: approvalId, decision: 'allow-once' }]);
  expect((await client.approval.pending.query()).approvals).toEqual([]);
  expect((await client.session.messages.query({ sessionId })).replies[0]?.status).toBe('RUNNING');

  await bridge.report(task, { ...approvalRequest, status: 'ALLOWED' }, { type: 'completed', text: 'ok' });
  using events = follow(client, sessionId, '0');
  await events.next('completed');
  expect(events.durable().filter((event) => event.type === 'approval')).toMatchObject([
    { approvalId, status: 'ALLOWED', decidedByRule: 'df **' },
  ]);
  const { messages } = await client.session.messages.query({ sessionId });
  expect(messages[1]?.parts[0]).toMatchObject({ type: 'approval', status: 'ALLOWED', decidedByRule: 'df **' });
  expect(await findApproval(world, approvalId)).toMatchObject({
    status: 'ALLOWED',
    decidedById: null,
    decidedByRule: 'df **',
  });
});

test('a command that a rule denies is never pending, and the bridge gets the denial', async () => {
  await using world = await createFixture();
  await set(world, rule('reboot', 'deny'), rule('**', 'allow'));
  const { approvalRequest } = await requestApproval(world, 'ls; reboot');
  await until(() => world.bridge.decisions.length > 0);
  expect(world.bridge.decisions).toEqual([{ id: approvalRequest.approvalId, decision: 'deny' }]);
});

test('an approval is pending when no rule matches or the matching rule says ask', async () => {
  await using world = await createFixture();
  await set(world, rule('git push **', 'ask'), rule('git **', 'allow'));
  const push = await requestApproval(world, 'git push origin main');
  const other = await requestApproval(world, 'ls');
  const smuggling = await requestApproval(world, 'git log; rm -rf /');
  const expired = await requestApproval(world, 'git log', { expiresInMs: 0 });
  const denyOnly = await requestApproval(world, 'git log', { allowedDecisions: ['deny'] });
  const write = await requestApproval(world, 'git log', { kind: 'write' });
  const configured = await requestApproval(world, 'git log', { agentConfiguration: true });
  const warned = await requestApproval(world, 'git log', { warning: 'The folder is not yours.' });
  for (const { approvalRequest } of [push, other, smuggling, expired, denyOnly, write, configured, warned])
    expect([approvalRequest.command, (await findApproval(world, approvalRequest.approvalId)).status]).toEqual([
      approvalRequest.command,
      'PENDING',
    ]);
  expect(world.bridge.decisions).toEqual([]);
});

test('the response to a callback contains the decisions of rules, but not of people', async () => {
  await using world = await createFixture();
  const { bridge } = world;
  await set(world, rule('df **', 'allow'), rule('reboot', 'deny'));
  const { task } = await world.send();
  const [allowed, denied, waiting] = ['df -h', 'reboot', 'ls'].map((command) => approvalReport({ command }));
  const post = async (...reports: Parameters<typeof bridge.report>[1][]) =>
    (await bridge.report(task, ...reports)).json();
  expect(await post({ type: 'task', status: 'RUNNING' }, allowed!, waiting!, denied!)).toEqual({
    ack: 4,
    decisions: [
      { approvalId: allowed!.approvalId, decision: 'allow-once' },
      { approvalId: denied!.approvalId, decision: 'deny' },
    ],
  });
  expect(await post({ ...allowed!, status: 'ALLOWED' })).toEqual({ ack: 5 });
});

test('a callback records approvals up to a limit, and the next callback records the rest', async () => {
  await using world = await createFixture();
  await set(world, rule('df **', 'allow'));
  const { task, taskId } = await world.send();
  const events = Array.from({ length: limits.callbackApprovals + 2 }, (_, n) => ({ ...approvalReport(), n: n + 1 }));
  const post = async (from: number) =>
    (await world.bridge.post(task, { taskId, events: [...events.slice(from), { type: 'heartbeat' }] })).json();
  const first = await post(0);
  expect([first.ack, first.decisions.length]).toEqual([limits.callbackApprovals, limits.callbackApprovals]);
  const second = await post(first.ack);
  expect([second.ack, second.decisions.length]).toEqual([events.length, 2]);
});

test('the approvals of one callback share a limit of work for rules, and are pending beyond it', async () => {
  await using world = await createFixture();
  const patterns = Array.from({ length: limits.approvalRules - 1 }, (_, n) => `rm ${'*a '.repeat(150)}${n}`);
  await set(world, ...patterns.map((pattern) => rule(pattern, 'deny')), rule('echo **', 'allow'));
  const { task } = await world.send();
  const long = approvalReport({ command: `echo ${'rm '.repeat(49)}${`${'a'.repeat(40)} `.repeat(140)}` });
  const [before, after] = [approvalReport({ command: 'echo a' }), approvalReport({ command: 'echo a' })];
  const response = await world.bridge.report(task, before, long, after);
  expect((await response.json()).decisions).toEqual([{ approvalId: before.approvalId, decision: 'allow-once' }]);
});

test('a rule of one instance does not apply to another instance', async () => {
  await using world = await createFixture();
  const { app, user, bridge, client } = world;
  const other = await app.newInstance(user, { bridgeUrl: bridge.url });
  await set({ client, instance: other }, rule('**', 'allow'));
  const { approvalRequest } = await requestApproval(world, 'ls');
  expect((await findApproval(world, approvalRequest.approvalId)).status).toBe('PENDING');
});

test('a new rule does not decide pending approvals, and a decision of a rule is final', async () => {
  await using world = await createFixture();
  const waiting = await requestApproval(world, 'ls');
  await set(world, rule('ls', 'allow'));
  await world.bridge.report(waiting.task, waiting.approvalRequest);
  expect((await findApproval(world, waiting.approvalRequest.approvalId)).status).toBe('PENDING');
  const { approvalRequest } = await requestApproval(world, 'ls');
  const { approvalId, command, allowedDecisions } = approvalRequest;
  const denied = { approvalId, decision: 'deny', seen: { command, allowedDecisions } } as const;
  expect((await getRefusal(world.client.approval.resolve.mutate(denied))).data.reason).toBe('APPROVAL_DECIDED');
});

test('a decision of a rule reaches a bridge that was unavailable for a while', async () => {
  await using world = await createFixture();
  await set(world, rule('ls', 'allow'));
  const { task } = await world.send();
  world.bridge.refuseDecisions(2);
  const approvalRequest = approvalReport({ command: 'ls' });
  await world.bridge.report(task, { type: 'task', status: 'RUNNING' }, approvalRequest);
  await until(() => world.bridge.decisions.length > 0);
  expect(world.bridge.decisions).toEqual([{ id: approvalRequest.approvalId, decision: 'allow-once' }]);
});

test('setRules replaces the whole list of rules and keeps its order', async () => {
  await using world = await createFixture();
  const { client, instance } = world;
  const rules = [rule('b', 'ask'), rule('a *', 'allow'), rule('/etc/*', 'deny', 'write')];
  const read = () => client.approval.rules.query({ instanceId: instance.id });
  expect((await read()).rules).toEqual([]);
  const { revision } = await set(world, ...rules);
  expect(await read()).toEqual({ rules, revision });
  await set(world, ...rules.toReversed());
  expect((await read()).rules).toEqual(rules.toReversed());
  await set(world);
  expect((await read()).rules).toEqual([]);
});

test('setRules refuses an outdated revision, so that no rule is lost', async () => {
  await using world = await createFixture();
  const { client, instance } = world;
  const instanceId = instance.id;
  const { revision } = await client.approval.rules.query({ instanceId });
  const denies = { instanceId, rules: [rule('shutdown **', 'deny')], revision };
  const allows = { instanceId, rules: [rule('df **', 'allow')], revision };
  await client.approval.setRules.mutate(denies);
  expect((await getRefusal(client.approval.setRules.mutate(allows))).data).toMatchObject({
    ...{ reason: 'RULES_CHANGED', httpStatus: 409 },
  });
  const stored = await client.approval.rules.query({ instanceId });
  expect(stored.rules).toEqual(denies.rules);
  const both = { instanceId, rules: [...stored.rules, ...allows.rules], revision: stored.revision };
  const { revision: next } = await client.approval.setRules.mutate(both);
  expect(await client.approval.rules.query({ instanceId })).toEqual({ rules: both.rules, revision: next });
});

test('concurrent calls of setRules store one list and refuse the others', async () => {
  await using world = await createFixture();
  const { client, instance } = world;
  const { revision } = await client.approval.rules.query({ instanceId: instance.id });
  const lists = Array.from({ length: 8 }, (_, n) => [rule(`df ${n}`, 'allow'), rule(`rm ${n}`, 'deny')]);
  const outcomes = await Promise.allSettled(
    lists.map((rules) => client.approval.setRules.mutate({ instanceId: instance.id, rules, revision })),
  );
  const stored = await client.approval.rules.query({ instanceId: instance.id });
  const accepted = outcomes.filter(({ status }) => status === 'fulfilled').map((one) => outcomes.indexOf(one));
  expect(accepted.map((at) => lists[at])).toEqual([stored.rules]);
  for (const one of outcomes)
    if (one.status === 'rejected') expect(one.reason).toMatchObject({ data: { reason: 'RULES_CHANGED' } });
});

test('setRules trims patterns', async () => {
  await using world = await createFixture();
  await set(world, rule(' df  -h \t', 'allow'), rule(' /srv/a ', 'deny', 'write'));
  const { rules } = await world.client.approval.rules.query({ instanceId: world.instance.id });
  expect(rules.map(({ pattern }) => pattern)).toEqual(['df -h', '/srv/a']);
});

test('setRules refuses an invalid rule and changes nothing', async () => {
  await using world = await createFixture();
  await set(world, rule('ls', 'allow'));
  const bad: ApprovalRule[][] = [
    [rule('', 'allow')],
    [rule('x'.repeat(limits.rulePattern + 1), 'allow')],
    [rule('ls\u200b', 'allow')],
    [rule('https://*', 'allow', 'fetch')],
    [rule('git* log', 'allow')],
    [rule('df * | sort', 'allow')],
    [rule('srv/*', 'allow', 'write')],
    Array.from({ length: limits.approvalRules + 1 }, () => rule('ls', 'allow')),
  ];
  for (const rules of bad) expect((await getRefusal(set(world, ...rules))).data.reason).toBe('INVALID_INPUT');
  const { rules } = await world.client.approval.rules.query({ instanceId: world.instance.id });
  expect(rules).toHaveLength(1);
});

test('a read-only command runs when no rule matches, unless it affects the agent’s configuration', async () => {
  await using world = await createFixture();
  const { approvalRequest } = await requestApproval(world, 'uptime');
  await until(() => world.bridge.decisions.length > 0);
  expect(world.bridge.decisions).toEqual([{ id: approvalRequest.approvalId, decision: 'allow-once' }]);
  expect(await findApproval(world, approvalRequest.approvalId)).toMatchObject({
    status: 'ALLOWED',
    decidedByRule: 'uptime',
  });
  const configured = await requestApproval(world, 'uptime', { agentConfiguration: true });
  expect((await findApproval(world, configured.approvalRequest.approvalId)).status).toBe('PENDING');
  await set(world, rule('up*', 'deny'));
  const denied = await requestApproval(world, 'uptime');
  expect((await findApproval(world, denied.approvalRequest.approvalId)).status).toBe('DENIED');
});

test('a decision is refused unless its maker saw the agent’s configuration and the warning', async () => {
  await using world = await createFixture();
  const unusual = { agentConfiguration: true, warning: 'It was changed since.' };
  const { approvalRequest } = await requestApproval(world, 'git log', unusual);
  const { approvalId, command, allowedDecisions } = approvalRequest;
  expect((await world.client.approval.pending.query()).approvals).toMatchObject([{ command, ...unusual }]);
  const seen = { command, allowedDecisions };
  const resolve = (more: object) =>
    world.client.approval.resolve.mutate({ approvalId, decision: 'allow-once', seen: { ...seen, ...more } });
  for (const incomplete of [{}, { ...unusual, agentConfiguration: false }, { ...unusual, warning: undefined }])
    expect(await getRefusal(resolve(incomplete))).toMatchObject({ data: { reason: 'APPROVAL_CHANGED' } });
  expect(await resolve(unusual)).toEqual({ status: 'ALLOWED' });
});

test('a rule for commands denies, but never allows, commands outside the sandbox', async () => {
  await using world = await createFixture();
  const restart = 'systemctl restart nginx';
  await set(world, rule('reboot', 'deny'), rule('**', 'allow'), rule(restart, 'allow', 'exec-unsandboxed'));
  const decideCommand = async (command: string) => {
    const { approvalRequest } = await requestApproval(world, command, { kind: 'exec-unsandboxed' });
    return (await findApproval(world, approvalRequest.approvalId)).status;
  };
  expect(await decideCommand('systemctl stop nginx')).toBe('PENDING');
  expect(await decideCommand(restart)).toBe('ALLOWED');
  expect(await decideCommand('sudo reboot')).toBe('DENIED');
});
