import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { NewReport } from '../engine.ts';
import type { GatewayEvent } from './gateway-event.ts';
import { createFollower } from './run-follower.ts';
import { createTranslator } from './translate.ts';

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
  const made = createFollower({
    translator: createTranslator(),
    report: (each) => reports.push(each),
    isStillRunning,
    stop,
  });
  return { ...made, reports, stop };
}
const never = new AbortController().signal;

test('only the run that is expected is heard, or the first to speak when none is known', async () => {
  const known = follower();
  known.expect('a');
  known.handleEvent(chat('b', 'final', 'not mine'));
  known.handleEvent(chat('a', 'final', 'mine'));
  expect(await known.waitForEnd(never)).toEqual({ type: 'completed', text: 'mine' });
  const unknown = follower();
  unknown.handleEvent(chat('a', 'final', 'too early'));
  unknown.expect(null);
  unknown.handleEvent(chat('b', 'delta', 'mine'));
  unknown.handleEvent(chat('c', 'final', 'not mine'));
  unknown.handleEvent(chat('b', 'final', 'mine'));
  expect(await unknown.waitForEnd(never)).toEqual({ type: 'completed', text: 'mine' });
});

test('a long silence is no end while the gateway is still at it', async () => {
  const asked: (string | null)[] = [];
  const { expect: expectRun, waitForEnd: end } = follower(async (runId) => asked.push(runId) < 3);
  expectRun('a');
  const over = end(never);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(await over).toBeUndefined();
  expect(asked).toEqual(['a', 'a', 'a']);
});

const stops = [
  ['cancelled', { status: 'CANCELLED', reason: 'CANCELLED_BY_USER' }],
  ['deadline', { status: 'TIMED_OUT', reason: 'DEADLINE_EXCEEDED' }],
] as const;

test.for(stops)('a run that does not stop at a %s is left after a while, with what it had said', async ([why, how]) => {
  const { expect: expectRun, handleEvent: hear, waitForEnd: end, stop } = follower();
  expectRun('a');
  hear(chat('a', 'delta', 'so far'));
  const over = end(AbortSignal.abort(why));
  await vi.advanceTimersByTimeAsync(5_000);
  expect(await over).toMatchObject({ ...how, text: 'so far' });
  expect(stop).toHaveBeenCalledOnce();
});

test.for(stops)('a run that stops at a %s keeps what it had said', async ([why, how]) => {
  const { expect: expectRun, handleEvent: hear, waitForEnd: end } = follower();
  expectRun('a');
  const stop = new AbortController();
  const over = end(stop.signal);
  hear(chat('a', 'delta', 'so far'));
  stop.abort(why);
  hear({ ...chat('a', 'delta', 'so far'), state: 'aborted' } as GatewayEvent);
  expect(await over).toMatchObject({ ...how, text: 'so far' });
});

test('a reply that is complete when the stop comes stays complete', async () => {
  const { expect: expectRun, handleEvent: hear, waitForEnd: end } = follower();
  expectRun('a');
  const over = end(AbortSignal.abort('cancelled'));
  hear(chat('a', 'final', 'done'));
  expect(await over).toEqual({ type: 'completed', text: 'done' });
});
