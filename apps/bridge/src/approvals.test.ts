import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { limits } from '@it0/contracts/limits';
import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { type AskOptions, BRIDGE_CLOSED, createApprovals } from './approvals.ts';
import type { NewReport } from './engines/engine.ts';
import { temporaryFolder } from './testing/folder.ts';

type Approval = Extract<NewReport, { type: 'approval' }>;

const SHORT_TIMEOUTS = { lostCallMs: 1, lateDecisionMs: 0 };

/** Creates the options of an approval request, and collects its reports. */
function newRequest(overrides: Partial<AskOptions> = {}) {
  const reports: Approval[] = [];
  const [stop, caller] = [new AbortController(), new AbortController()];
  const options: AskOptions = {
    ...{ taskId: randomUUID(), callId: 'call', kind: 'exec', command: 'uptime', cwd: '/srv', textOffset: 3 },
    expiresInMs: 60_000,
    report: (report) => void reports.push(report as Approval),
    ...{ signal: stop.signal, disconnected: caller.signal },
    ...overrides,
  };
  return { options, reports, stop, caller, statuses: () => reports.map(({ status }) => status) };
}

/** Requests an approval, and closes the bridge while it is pending. */
async function askAndClose(dir: string) {
  using approvals = createApprovals(dir);
  const request = newRequest();
  const outcome = approvals.ask(request.options);
  request.stop.abort(BRIDGE_CLOSED);
  expect(await outcome).toBeUndefined();
  expect(request.statuses()).toEqual(['PENDING']);
  return request;
}

test('ask reports an approval as pending and as allowed, and returns ALLOWED once', async () => {
  using folder = temporaryFolder();
  using approvals = createApprovals(folder.path);
  const { options, reports } = newRequest();
  const outcome = approvals.ask(options);
  const { approvalId, digest } = reports[0]!;
  expect(digest).toMatch(/^[0-9a-f]{64}$/);
  expect(approvals.decide(approvalId, 'allow-once')).toBe('decided');
  expect(await outcome).toBe('ALLOWED');
  expect(reports).toMatchObject([
    { approvalId, status: 'PENDING', kind: 'exec', command: 'uptime', cwd: '/srv', textOffset: 3 },
    { approvalId, status: 'ALLOWED' },
  ]);
  expect(approvals.decide(approvalId, 'allow-once')).toBe('decided');
  expect(approvals.decide(approvalId, 'deny')).toBe('over');
  expect(approvals.decide(randomUUID(), 'deny')).toBe('unknown');
});

test('ask continues a pending approval after a restart of the bridge, and allows one run', async () => {
  using folder = temporaryFolder();
  const first = await askAndClose(folder.path);
  using after = createApprovals(folder.path);
  const { approvalId } = first.reports[0]!;
  // Decided before the agent repeats its request.
  expect(after.decide(approvalId, 'allow-once')).toBe('decided');
  const second = newRequest({ taskId: first.options.taskId });
  expect(await after.ask(second.options)).toBe('ALLOWED');
  expect(second.reports.map((report) => report.approvalId)).toEqual([approvalId, approvalId]);
  // A repeated command needs a new approval.
  const third = newRequest({ taskId: first.options.taskId });
  const outcome = after.ask(third.options);
  expect(third.reports[0]!.approvalId).not.toBe(approvalId);
  after.decide(third.reports[0]!.approvalId, 'deny');
  expect(await outcome).toBe('DENIED');
});

const differences: Partial<AskOptions>[] = [
  { command: 'uptime -p' },
  { cwd: '/' },
  { kind: 'exec-unsandboxed' },
  { content: '' },
  { agentConfiguration: true },
  { warning: 'It reads the network.' },
  { taskId: randomUUID() },
];

test.for(differences)('ask does not reuse an allowed approval for a request that differs by %j', async (difference) => {
  using folder = temporaryFolder();
  const first = await askAndClose(folder.path);
  using after = createApprovals(folder.path);
  after.decide(first.reports[0]!.approvalId, 'allow-once');
  const second = newRequest({ taskId: first.options.taskId, ...difference });
  const outcome = after.ask(second.options);
  expect(second.statuses()).toEqual(['PENDING']);
  second.stop.abort('cancelled');
  expect(await outcome).toBe('CANCELLED');
});

test('equal pending commands are decided separately', async () => {
  using folder = temporaryFolder();
  using approvals = createApprovals(folder.path);
  const first = newRequest();
  const second = newRequest({ taskId: first.options.taskId });
  const outcome = [approvals.ask(first.options), approvals.ask(second.options)];
  const ids = [first, second].map(({ reports }) => reports[0]!.approvalId);
  expect(new Set(ids).size).toBe(2);
  approvals.decide(ids[1]!, 'deny');
  approvals.decide(ids[0]!, 'allow-once');
  expect(await Promise.all(outcome)).toEqual(['ALLOWED', 'DENIED']);
});

test('ask reuses the decision about a lost call only for an equal request', async () => {
  using folder = temporaryFolder();
  using approvals = createApprovals(folder.path);
  const anyRequest = fc.record(
    {
      kind: fc.constantFrom('exec', 'write'),
      command: fc.constantFrom('a', 'a b'),
      cwd: fc.constantFrom('/', '/srv'),
      content: fc.constantFrom('', 'x'),
      agentConfiguration: fc.constantFrom(undefined, false, true),
      warning: fc.constantFrom('', 'x'),
    },
    { requiredKeys: ['kind', 'command'] },
  );
  const selectVisible = ({ agentConfiguration = false, ...rest }: Partial<AskOptions>) => ({
    agentConfiguration,
    ...rest,
  });
  await fc.assert(
    fc.asyncProperty(anyRequest, anyRequest, async (one, other) => {
      const first = newRequest({ cwd: undefined, ...one });
      const lost = approvals.ask(first.options);
      first.caller.abort();
      approvals.decide(first.reports[0]!.approvalId, 'allow-once');
      expect(await lost).toBeUndefined();
      const second = newRequest({ cwd: undefined, ...other, taskId: first.options.taskId });
      const outcome = approvals.ask(second.options);
      second.stop.abort('cancelled');
      expect(await outcome).toBe(isDeepStrictEqual(selectVisible(one), selectVisible(other)) ? 'ALLOWED' : 'CANCELLED');
    }),
    { numRuns: 40 },
  );
});

test.for(['before', 'after'] as const)(
  'a lost call’s approval stays pending, and allows one run when it is decided %s the call is repeated',
  async (moment) => {
    using folder = temporaryFolder();
    using approvals = createApprovals(folder.path);
    const first = newRequest();
    const lost = approvals.ask(first.options);
    const { approvalId } = first.reports[0]!;
    const decide = () => expect(approvals.decide(approvalId, 'allow-once')).toBe('decided');
    first.caller.abort();
    if (moment === 'before') decide();
    const second = newRequest({ taskId: first.options.taskId });
    const outcome = approvals.ask(second.options);
    if (moment === 'after') decide();
    expect([await lost, await outcome]).toEqual([undefined, 'ALLOWED']);
    expect(first.statuses()).toEqual(['PENDING']);
    expect(second.reports).toMatchObject([{ approvalId }, { approvalId, status: 'ALLOWED' }]);
    const third = newRequest({ taskId: first.options.taskId });
    const retried = approvals.ask(third.options);
    expect(third.reports[0]!.approvalId).not.toBe(approvalId);
    third.stop.abort('cancelled');
    await retried;
  },
);

test('a decision about a lost call allows no equal call after the approval’s expiry', async () => {
  using folder = temporaryFolder();
  using approvals = createApprovals(folder.path);
  const first = newRequest();
  const lost = approvals.ask(first.options);
  first.caller.abort();
  approvals.decide(first.reports[0]!.approvalId, 'allow-once');
  await lost;
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 120_000 });
  const later = newRequest({ taskId: first.options.taskId });
  const outcome = approvals.ask(later.options);
  vi.useRealTimers();
  expect(later.reports).toMatchObject([{ status: 'PENDING' }]);
  expect(later.reports[0]!.approvalId).not.toBe(first.reports[0]!.approvalId);
  later.stop.abort('cancelled');
  expect(await outcome).toBe('CANCELLED');
});

test('an approval that expired while the bridge was stopped is settled, and an equal call asks again', async () => {
  using folder = temporaryFolder();
  const first = await askAndClose(folder.path);
  using approvals = createApprovals(folder.path);
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 120_000 });
  const later = newRequest({ taskId: first.options.taskId });
  const outcome = approvals.ask(later.options);
  vi.useRealTimers();
  const { approvalId } = first.reports[0]!;
  expect(later.reports).toMatchObject([{ status: 'PENDING' }]);
  expect(later.reports[0]!.approvalId).not.toBe(approvalId);
  expect(approvals.decide(approvalId, 'allow-once')).not.toBe('decided');
  later.stop.abort('cancelled');
  expect(await outcome).toBe('CANCELLED');
});

test('equal calls that are lost at the same time are continued separately', async () => {
  using folder = temporaryFolder();
  using approvals = createApprovals(folder.path);
  const taskId = randomUUID();
  const ask = () => {
    const request = newRequest({ taskId });
    return { ...request, outcome: approvals.ask(request.options), id: request.reports[0]!.approvalId };
  };
  const lost = [ask(), ask()];
  for (const { caller } of lost) caller.abort();
  const repeated = [ask(), ask()];
  expect(repeated.map(({ id }) => id).toSorted()).toEqual(lost.map(({ id }) => id).toSorted());
  approvals.decide(repeated[0]!.id, 'allow-once');
  approvals.decide(repeated[1]!.id, 'deny');
  expect(await Promise.all([...lost, ...repeated].map(({ outcome }) => outcome))).toEqual([
    ...[undefined, undefined],
    ...['ALLOWED', 'DENIED'],
  ]);
});

test('a lost call’s approval is cancelled when the call is not repeated in time or its task is stopped', async () => {
  using folder = temporaryFolder();
  const approvals = createApprovals(folder.path, SHORT_TIMEOUTS);
  const late = newRequest();
  late.caller.abort();
  expect(await approvals.ask(late.options)).toBe('CANCELLED');
  approvals[Symbol.dispose]();

  using other = temporaryFolder();
  using otherApprovals = createApprovals(other.path);
  const stopped = newRequest();
  const outcome = otherApprovals.ask(stopped.options);
  stopped.caller.abort();
  stopped.stop.abort('cancelled');
  expect(await outcome).toBe('CANCELLED');
  for (const { statuses } of [late, stopped]) expect(statuses()).toEqual(['PENDING', 'CANCELLED']);
});

test('a lost call’s approval stays pending when the bridge closes', async () => {
  using folder = temporaryFolder();
  using approvals = createApprovals(folder.path);
  const { options, caller, stop, statuses } = newRequest();
  const outcome = approvals.ask(options);
  caller.abort();
  stop.abort(BRIDGE_CLOSED);
  expect(await outcome).toBeUndefined();
  expect(statuses()).toEqual(['PENDING']);
});

test('decide accepts a decision shortly after the reported expiry', async () => {
  using folder = temporaryFolder();
  using approvals = createApprovals(folder.path);
  const { options, reports } = newRequest({ expiresInMs: 0 });
  const outcome = approvals.ask(options);
  expect(reports[0]!.expiresInMs).toBe(0);
  approvals.decide(reports[0]!.approvalId, 'allow-once');
  expect(await outcome).toBe('ALLOWED');
});

test('decide returns over for an expired approval', async () => {
  using folder = temporaryFolder();
  using approvals = createApprovals(folder.path, SHORT_TIMEOUTS);
  const { options, reports, statuses } = newRequest({ expiresInMs: 1 });
  expect(await approvals.ask(options)).toBe('EXPIRED');
  expect(statuses()).toEqual(['PENDING', 'EXPIRED']);
  expect(approvals.decide(reports[0]!.approvalId, 'allow-once')).toBe('over');
});

test('an aborted task cancels its approval, and forget removes it', async () => {
  using folder = temporaryFolder();
  using approvals = createApprovals(folder.path);
  const { options, reports, stop, statuses } = newRequest();
  const outcome = approvals.ask(options);
  stop.abort('cancelled');
  expect(await outcome).toBe('CANCELLED');
  expect(statuses()).toEqual(['PENDING', 'CANCELLED']);
  expect(approvals.decide(reports[0]!.approvalId, 'allow-once')).toBe('over');
  approvals.forget(options.taskId);
  expect(approvals.decide(reports[0]!.approvalId, 'allow-once')).toBe('unknown');
});

test('ask returns EXPIRED when the disk fails', async () => {
  using folder = temporaryFolder();
  const approvals = createApprovals(folder.path, SHORT_TIMEOUTS);
  const { options, statuses } = newRequest({ expiresInMs: 1 });
  const outcome = approvals.ask(options);
  approvals[Symbol.dispose]();
  expect(await outcome).toBe('EXPIRED');
  expect(statuses()).toEqual(['PENDING', 'EXPIRED']);
});

test('ask returns CANCELLED when the disk fails, and decide returns over afterwards', async () => {
  using folder = temporaryFolder();
  const approvals = createApprovals(folder.path);
  const { options, reports, stop } = newRequest();
  const outcome = approvals.ask(options);
  approvals[Symbol.dispose]();
  stop.abort('cancelled');
  expect(await outcome).toBe('CANCELLED');
  expect(approvals.decide(reports[0]!.approvalId, 'allow-once')).toBe('over');
});

test('decide accepts a pending approval when the machine’s clock jumps past its expiry', async () => {
  using folder = temporaryFolder();
  using approvals = createApprovals(folder.path);
  const { options, reports } = newRequest();
  const outcome = approvals.ask(options);
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 24 * 3_600_000 });
  const decided = approvals.decide(reports[0]!.approvalId, 'allow-once');
  vi.useRealTimers();
  expect([decided, await outcome]).toEqual(['decided', 'ALLOWED']);
});

test('ask throws an error for the model while a task has too many pending approvals', async () => {
  using folder = temporaryFolder();
  using approvals = createApprovals(folder.path);
  const taskId = randomUUID();
  const pending = Array.from({ length: limits.taskPendingApprovals }, (_, n) => {
    const { options, reports } = newRequest({ taskId, command: `uptime ${n}` });
    return { outcome: approvals.ask(options), reports };
  });
  const { options, reports, stop } = newRequest({ taskId, command: 'uptime -p' });
  await expect(approvals.ask(options)).rejects.toThrow(/20 calls of this task are waiting for approval/);
  expect(reports).toEqual([]);
  const other = newRequest();
  const otherOutcome = approvals.ask(other.options);
  expect(other.statuses()).toEqual(['PENDING']);
  for (const { reports } of pending) approvals.decide(reports[0]!.approvalId, 'deny');
  expect(await Promise.all(pending.map(({ outcome }) => outcome))).toEqual(pending.map(() => 'DENIED'));
  const retried = approvals.ask(options);
  expect(reports).toMatchObject([{ status: 'PENDING' }]);
  stop.abort();
  other.stop.abort();
  expect(await Promise.all([retried, otherOutcome])).toEqual(['CANCELLED', 'CANCELLED']);
});
