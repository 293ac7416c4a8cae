import { createMemoryBus } from '@it0/bus/memory';
import { expect, onTestFinished, test, vi } from 'vitest';
import { ChangeReader } from './change-reader.ts';

type State = { names: string[] };
const RECHECK_MS = 1_000;

/** Creates a reader of a state that tests change, and counts its reads. */
function createReader() {
  const bus = createMemoryBus();
  const source = { state: { names: ['a'] }, reads: 0, read: async () => structuredClone(source.state) };
  const reader = new ChangeReader<State, string>({ bus, user: { tenantId: 't' } } as never, 'channel', {
    read: () => {
      source.reads++;
      return source.read();
    },
    toValue: (state, previous) => `${previous?.names.join('') ?? ''}>${state.names.join('')}`,
    recheckMs: RECHECK_MS,
  });
  return { bus, source, reader, publish: () => bus.publish('channel', []) };
}

const settle = () => new Promise(setImmediate);

test('a reader sends the state at once, and again after a message if it has changed', async () => {
  const { source, reader, publish } = createReader();
  expect(await reader.next()).toEqual({ done: false, value: '>a' });
  const next = reader.next();
  publish();
  await settle();
  expect(source.reads).toBe(2);
  source.state = { names: ['b'] };
  publish();
  expect(await next).toEqual({ done: false, value: 'a>b' });
});

test('a change during a read causes another read', async () => {
  const { source, reader, publish } = createReader();
  await reader.next();
  source.read = async () => {
    const read = { names: source.state.names };
    if (source.reads === 2) {
      source.state = { names: ['c'] };
      publish();
    }
    return read;
  };
  source.state = { names: ['b'] };
  publish();
  expect(await reader.next()).toMatchObject({ value: 'a>b' });
  expect(await reader.next()).toMatchObject({ value: 'b>c' });
});

test('a reader detects a change without a message after its interval', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  const { source, reader } = createReader();
  await reader.next();
  const next = reader.next();
  vi.advanceTimersByTime(RECHECK_MS);
  await settle();
  expect(source.reads).toBe(2);
  source.state = { names: [] };
  vi.advanceTimersByTime(RECHECK_MS);
  expect(await next).toMatchObject({ value: 'a>' });
});

test('return ends a reader that waits, and one that reads, without a timer or a listener', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  for (const moment of ['waits', 'reads']) {
    const { bus, source, reader, publish } = createReader();
    await reader.next();
    const next = reader.next();
    if (moment === 'reads') {
      source.state = { names: ['b'] };
      publish();
      await Promise.resolve();
    }
    await reader.return();
    expect(await next).toEqual({ done: true, value: undefined });
    await settle();
    expect(bus.listenerCount()).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
  }
});

test('an error of a read ends the stream', async () => {
  const { bus, source, reader, publish } = createReader();
  await reader.next();
  source.read = () => Promise.reject(new Error('no connection'));
  publish();
  await expect(reader.next()).rejects.toThrow('no connection');
  expect(bus.listenerCount()).toBe(0);
  expect(await reader.next()).toEqual({ done: true, value: undefined });
});
