import { expect, test } from 'vitest';
import type { PendingApproval } from './chat-source.ts';
import { countPending, createPendingApprovalsStore, type PendingApprovalsSource } from './pending-approvals-store.ts';

type Sink = Parameters<PendingApprovalsSource['subscribe']>[0];

const createApproval = (n: number): PendingApproval => ({
  ...{
    approvalId: `0000000${n}`,
    kind: 'exec',
    command: `command ${n}`,
    cwd: null,
    content: null,
    digest: null,
    agentConfiguration: false,
    warning: null,
    allowedDecisions: ['deny'],
  },
  ...{ instanceId: 'i', instanceName: 'Web', sessionId: 's', taskId: 't', sessionTitle: 'T', askerName: 'Ada' },
  ...{ askedAt: `2026-01-01T00:00:0${n}.000Z`, expiresAt: '2026-01-01T00:30:00.000Z' },
});
const createOutcome = (n: number) =>
  ({ approvalId: `0000000${n}`, status: 'ALLOWED', decidedBy: 'Grace', decidedByRule: null }) as const;

function createList() {
  const sinks: Sink[] = [];
  const timers: (() => void)[] = [];
  const schedule = (task: () => void) => {
    timers.push(task);
    return () => {};
  };
  let unsubscribed = 0;
  const source: PendingApprovalsSource = {
    subscribe(sink) {
      sinks.push(sink);
      return { unsubscribe: () => void unsubscribed++ };
    },
    decide: async () => {},
  };
  const store = createPendingApprovalsStore(source, { retry: () => schedule, linger: schedule });
  const close = store.open();
  const readRows = () =>
    store.getState().rows?.map(({ approval, outcome }) => [approval.command, outcome?.decidedBy ?? null]);
  return {
    store,
    sinks,
    close,
    readRows,
    countUnsubscribed: () => unsubscribed,
    passTime() {
      for (const task of timers.splice(0)) task();
    },
  };
}

test('an approval decided elsewhere shows who decided, and disappears after a moment', () => {
  const { store, sinks, readRows, passTime } = createList();
  expect([store.getState().rows, countPending(store.getState())]).toEqual([null, 0]);
  sinks[0]!.onChange({ pending: [createApproval(1), createApproval(2)], notListed: 0, settled: [] });
  sinks[0]!.onChange({ pending: [createApproval(2), createApproval(3)], notListed: 0, settled: [createOutcome(1)] });
  expect(readRows()).toEqual([
    ['command 1', 'Grace'],
    ['command 2', null],
    ['command 3', null],
  ]);
  expect(countPending(store.getState())).toBe(2);
  passTime();
  expect(readRows()).toEqual([
    ['command 2', null],
    ['command 3', null],
  ]);
});

test('live is false after a lost connection until the list is received again', () => {
  const { store, sinks, readRows, passTime } = createList();
  sinks[0]!.onChange({ pending: [createApproval(1)], notListed: 0, settled: [] });
  sinks[0]!.onLive(false);
  expect(store.getState().live).toBe(false);
  sinks[0]!.onLive(true);
  // The list can still be outdated.
  expect(store.getState().live).toBe(false);
  sinks[0]!.onEnd(null);
  passTime();
  expect(sinks).toHaveLength(2);
  sinks[1]!.onChange({ pending: [createApproval(2)], notListed: 0, settled: [] });
  expect([store.getState().live, readRows()]).toEqual([true, [['command 2', null]]]);
});

test('close unsubscribes, and no retry follows', () => {
  const { sinks, close, countUnsubscribed, passTime } = createList();
  close();
  expect(countUnsubscribed()).toBe(1);
  sinks[0]!.onEnd(null);
  passTime();
  expect(sinks).toHaveLength(1);
});

test('countPending includes approvals beyond the limit of the list', () => {
  const { store, sinks } = createList();
  sinks[0]!.onChange({ pending: [createApproval(1), createApproval(2)], notListed: 9, settled: [] });
  expect([store.getState().notListed, countPending(store.getState())]).toEqual([9, 11]);
  sinks[0]!.onChange({ pending: [createApproval(2)], notListed: 2, settled: [createOutcome(1)] });
  expect([store.getState().notListed, countPending(store.getState())]).toEqual([2, 3]);
});
