import { expect, test } from 'vitest';
import type { PendingApproval } from './chat-source.ts';
import { countPending, createPendingApprovalsStore, type PendingApprovalsSource } from './pending-approvals-store.ts';

type Sink = Parameters<PendingApprovalsSource['subscribe']>[0];

const approval = (n: number): PendingApproval => ({
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
  ...{ instanceId: 'i', instanceName: 'Web', sessionId: 's', sessionTitle: 'T', askerName: 'Ada' },
  ...{ askedAt: `2026-01-01T00:00:0${n}.000Z`, expiresAt: '2026-01-01T00:30:00.000Z' },
});
const decided = (n: number) =>
  ({ approvalId: `0000000${n}`, status: 'ALLOWED', decidedBy: 'Grace', decidedByRule: null }) as const;

function list() {
  const sinks: Sink[] = [];
  const timers: (() => void)[] = [];
  const later = (task: () => void) => {
    timers.push(task);
    return () => {};
  };
  let ended = 0;
  const source: PendingApprovalsSource = {
    subscribe(sink) {
      sinks.push(sink);
      return { unsubscribe: () => void ended++ };
    },
    decide: async () => {},
  };
  const store = createPendingApprovalsStore(source, { retry: () => later, linger: later });
  const close = store.open();
  const shown = () =>
    store.getState().rows?.map(({ approval, outcome }) => [approval.command, outcome?.decidedBy ?? null]);
  return {
    store,
    sinks,
    close,
    shown,
    endings: () => ended,
    passTime() {
      for (const task of timers.splice(0)) task();
    },
  };
}

test('what was decided elsewhere says who did, and is gone a moment later', () => {
  const { store, sinks, shown, passTime } = list();
  expect([store.getState().rows, countPending(store.getState())]).toEqual([null, 0]);
  sinks[0]!.onChange({ pending: [approval(1), approval(2)], notListed: 0, settled: [] });
  sinks[0]!.onChange({ pending: [approval(2), approval(3)], notListed: 0, settled: [decided(1)] });
  expect(shown()).toEqual([
    ['command 1', 'Grace'],
    ['command 2', null],
    ['command 3', null],
  ]);
  expect(countPending(store.getState())).toBe(2);
  passTime();
  expect(shown()).toEqual([
    ['command 2', null],
    ['command 3', null],
  ]);
});

test('a lost connection is told, and what it was over for is taken up again', () => {
  const { store, sinks, shown, passTime } = list();
  sinks[0]!.onChange({ pending: [approval(1)], notListed: 0, settled: [] });
  sinks[0]!.onLive(false);
  expect(store.getState().live).toBe(false);
  sinks[0]!.onLive(true);
  // The list may still be behind.
  expect(store.getState().live).toBe(false);
  sinks[0]!.onEnd(null);
  passTime();
  expect(sinks).toHaveLength(2);
  sinks[1]!.onChange({ pending: [approval(2)], notListed: 0, settled: [] });
  expect([store.getState().live, shown()]).toEqual([true, [['command 2', null]]]);
});

test('closed, it lets go of the server', () => {
  const { sinks, close, endings, passTime } = list();
  close();
  expect(endings()).toBe(1);
  sinks[0]!.onEnd(null);
  passTime();
  expect(sinks).toHaveLength(1);
});

test('countOf counts what waits, also what is not listed', () => {
  const { store, sinks } = list();
  sinks[0]!.onChange({ pending: [approval(1), approval(2)], notListed: 9, settled: [] });
  expect([store.getState().notListed, countPending(store.getState())]).toEqual([9, 11]);
  sinks[0]!.onChange({ pending: [approval(2)], notListed: 2, settled: [decided(1)] });
  expect([store.getState().notListed, countPending(store.getState())]).toEqual([2, 3]);
});
