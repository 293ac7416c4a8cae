import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { NewReport } from '../engine.ts';
import type { GatewayEvent } from './gateway-event.ts';
import { createFollower } from './run-follower.ts';
import { Translator } from './translator.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const chat = (runId: string, state: 'delta' | 'final', text: string): GatewayEvent => ({
  event: 'chat',
  runId,
  sessionKey: 's',
  state,
  message: { content: [{ type: 'text', text }] },
});

function follower(isStillRunning = async (_runId: string | null) => true) {
  const reports: NewReport[] = [];
  const stop = vi.fn(async () => {});
  const created = createFollower({
    translator: new Translator(),
    report: (each) => reports.push(each),
    isStillRunning,
    stop,
  });
  return { ...created, reports, stop };
}
const NEVER = new AbortController().signal;

test('the follower ends with the expected run, or with the first run if none is named', async () => {
  const expecting = follower();
  expecting.expect('a');
  expecting.handleEvent(chat('b', 'final', 'not mine'));
  expecting.handleEvent(chat('a', 'final', 'mine'));
  expect(await expecting.waitForEnd(NEVER)).toEqual({ type: 'completed', text: 'mine' });
  const expectingAny = follower();
  expectingAny.handleEvent(chat('a', 'final', 'too early'));
  expectingAny.expect(null);
  expectingAny.handleEvent(chat('b', 'delta', 'mine'));
  expectingAny.handleEvent(chat('c', 'final', 'not mine'));
  expectingAny.handleEvent(chat('b', 'final', 'mine'));
  expect(await expectingAny.waitForEnd(NEVER)).toEqual({ type: 'completed', text: 'mine' });
});

test('a long silence is not the end while the run is still running', async () => {
  const checkedIds: (string | null)[] = [];
  const { expect: expectRun, waitForEnd } = follower(async (runId) => checkedIds.push(runId) < 3);
  expectRun('a');
  const ended = waitForEnd(NEVER);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(await ended).toBeUndefined();
  expect(checkedIds).toEqual(['a', 'a', 'a']);
});

const STOPS = [
  ['cancelled', { status: 'CANCELLED', reason: 'CANCELLED_BY_USER' }],
  ['deadline', { status: 'TIMED_OUT', reason: 'DEADLINE_EXCEEDED' }],
] as const;

test.for(STOPS)(
  'a run that ignores a stop (%s) ends after a timeout with its partial reply',
  async ([reason, expected]) => {
    const { expect: expectRun, handleEvent, waitForEnd, stop } = follower();
    expectRun('a');
    handleEvent(chat('a', 'delta', 'so far'));
    const ended = waitForEnd(AbortSignal.abort(reason));
    await vi.advanceTimersByTimeAsync(5_000);
    expect(await ended).toMatchObject({ ...expected, text: 'so far' });
    expect(stop).toHaveBeenCalledOnce();
  },
);

test.for(STOPS)('a run that stops (%s) keeps its partial reply', async ([reason, expected]) => {
  const { expect: expectRun, handleEvent, waitForEnd } = follower();
  expectRun('a');
  const stop = new AbortController();
  const ended = waitForEnd(stop.signal);
  handleEvent(chat('a', 'delta', 'so far'));
  stop.abort(reason);
  handleEvent({ ...chat('a', 'delta', 'so far'), state: 'aborted' } as GatewayEvent);
  expect(await ended).toMatchObject({ ...expected, text: 'so far' });
});

test('a run that completes during a stop is completed', async () => {
  const { expect: expectRun, handleEvent, waitForEnd } = follower();
  expectRun('a');
  const ended = waitForEnd(AbortSignal.abort('cancelled'));
  handleEvent(chat('a', 'final', 'done'));
  expect(await ended).toEqual({ type: 'completed', text: 'done' });
});
