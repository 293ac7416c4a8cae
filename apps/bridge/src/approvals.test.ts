import { randomUUID } from 'node:crypto';
import { expect, test, vi } from 'vitest';
import { type AskOptions, bridgeClosed, createApprovals } from './approvals.ts';
import type { NewReport } from './engines/engine.ts';
import { temporaryFolder } from './testing/folder.ts';

type Approval = Extract<NewReport, { type: 'approval' }>;

/** Something that is asked, and what was reported of it. */
function asking(overrides: Partial<AskOptions> = {}) {
  const reports: Approval[] = [];
  const stop = new AbortController();
  const options: AskOptions = {
    ...{ taskId: randomUUID(), callId: 'call', kind: 'exec', command: 'uptime', cwd: '/srv', textOffset: 3 },
    expiresInMs: 60_000,
    report: (report) => void reports.push(report as Approval),
    signal: stop.signal,
    ...overrides,
  };
  return { options, reports, stop, statuses: () => reports.map(({ status }) => status) };
}

test('an approval that is allowed is reported before and after, and answered once', async () => {
  using folder = temporaryFolder();
  const approvals = createApprovals(folder.path);
  const { options, reports } = asking();
  const asked = approvals.ask(options);
  const { approvalId, digest } = reports[0]!;
  expect(digest).toMatch(/^[0-9a-f]{64}$/);
  expect(approvals.decide(approvalId, 'allow-once')).toBe('decided');
  expect(await asked).toBe('ALLOWED');
  expect(reports).toMatchObject([
    { approvalId, status: 'PENDING', kind: 'exec', command: 'uptime', cwd: '/srv', textOffset: 3 },
    { approvalId, status: 'ALLOWED' },
  ]);
  expect(approvals.decide(approvalId, 'allow-once')).toBe('decided');
  expect(approvals.decide(approvalId, 'deny')).toBe('over');
  expect(approvals.decide(randomUUID(), 'deny')).toBe('unknown');
  approvals.close();
});

test('an approval that waits when the bridge ends is the same one for the next process, and allows one run', async () => {
  using folder = temporaryFolder();
  const before = createApprovals(folder.path);
  const first = asking();
  const left = before.ask(first.options);
  first.stop.abort(bridgeClosed);
  expect(await left).toBeUndefined();
  expect(first.statuses()).toEqual(['PENDING']);
  before.close();

  const after = createApprovals(folder.path);
  const { approvalId } = first.reports[0]!;
  // Decided before the agent asks again.
  expect(after.decide(approvalId, 'allow-once')).toBe('decided');
  const second = asking({ taskId: first.options.taskId });
  expect(await after.ask(second.options)).toBe('ALLOWED');
  expect(second.reports.map((report) => report.approvalId)).toEqual([approvalId, approvalId]);
  // The same command once more is another approval.
  const third = asking({ taskId: first.options.taskId });
  const asked = after.ask(third.options);
  expect(third.reports[0]!.approvalId).not.toBe(approvalId);
  after.decide(third.reports[0]!.approvalId, 'deny');
  expect(await asked).toBe('DENIED');
  after.close();
});

test.for([{ command: 'uptime -p' }, { cwd: '/' }, { kind: 'exec-unsandboxed' as const }, { taskId: randomUUID() }])(
  'an approval that was left waiting is not that of %j',
  async (difference) => {
    using folder = temporaryFolder();
    const before = createApprovals(folder.path);
    const first = asking();
    const left = before.ask(first.options);
    first.stop.abort(bridgeClosed);
    await left;
    before.close();
    const after = createApprovals(folder.path);
    after.decide(first.reports[0]!.approvalId, 'allow-once');
    const second = asking({ taskId: first.options.taskId, ...difference });
    const asked = after.ask(second.options);
    expect(second.statuses()).toEqual(['PENDING']);
    second.stop.abort('cancelled');
    expect(await asked).toBe('CANCELLED');
    after.close();
  },
);

test('equal commands that wait at the same time are decided one by one', async () => {
  using folder = temporaryFolder();
  const approvals = createApprovals(folder.path);
  const first = asking();
  const second = asking({ taskId: first.options.taskId });
  const asked = [approvals.ask(first.options), approvals.ask(second.options)];
  const ids = [first, second].map(({ reports }) => reports[0]!.approvalId);
  expect(new Set(ids).size).toBe(2);
  approvals.decide(ids[1]!, 'deny');
  approvals.decide(ids[0]!, 'allow-once');
  expect(await Promise.all(asked)).toEqual(['ALLOWED', 'DENIED']);
  approvals.close();
});

test('an approval whose time is over is expired, and is not decided any more', async () => {
  using folder = temporaryFolder();
  const approvals = createApprovals(folder.path);
  const { options, reports, statuses } = asking({ expiresInMs: 1 });
  expect(await approvals.ask(options)).toBe('EXPIRED');
  expect(statuses()).toEqual(['PENDING', 'EXPIRED']);
  expect(approvals.decide(reports[0]!.approvalId, 'allow-once')).toBe('over');
  approvals.close();
});

test('a stopped task takes its approval back, and its end forgets it', async () => {
  using folder = temporaryFolder();
  const approvals = createApprovals(folder.path);
  const { options, reports, stop, statuses } = asking();
  const asked = approvals.ask(options);
  stop.abort('cancelled');
  expect(await asked).toBe('CANCELLED');
  expect(statuses()).toEqual(['PENDING', 'CANCELLED']);
  expect(approvals.decide(reports[0]!.approvalId, 'allow-once')).toBe('over');
  approvals.forget(options.taskId);
  expect(approvals.decide(reports[0]!.approvalId, 'allow-once')).toBe('unknown');
  approvals.close();
});

test('an approval whose time is over answers its call, although the disk refuses', async () => {
  using folder = temporaryFolder();
  const approvals = createApprovals(folder.path);
  const { options, statuses } = asking({ expiresInMs: 1 });
  const asked = approvals.ask(options);
  approvals.close();
  expect(await asked).toBe('EXPIRED');
  expect(statuses()).toEqual(['PENDING', 'EXPIRED']);
});

test('a stopped task takes its approval back, although the disk refuses, and it is not decided any more', async () => {
  using folder = temporaryFolder();
  const approvals = createApprovals(folder.path);
  const { options, reports, stop } = asking();
  const asked = approvals.ask(options);
  approvals.close();
  stop.abort('cancelled');
  expect(await asked).toBe('CANCELLED');
  expect(approvals.decide(reports[0]!.approvalId, 'allow-once')).toBe('over');
});

test('an approval that waits is decided, although the machine’s clock has jumped past its end', async () => {
  using folder = temporaryFolder();
  const approvals = createApprovals(folder.path);
  const { options, reports } = asking();
  const asked = approvals.ask(options);
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 24 * 3_600_000 });
  const decided = approvals.decide(reports[0]!.approvalId, 'allow-once');
  vi.useRealTimers();
  expect([decided, await asked]).toEqual(['decided', 'ALLOWED']);
  approvals.close();
});
