import { expect, test } from 'vitest';
import { createToolCalls } from './tool-calls.ts';

const own = { kind: 'tool', toolCallId: 'own', name: 'it0__run_command' } as const;
const foreign = { kind: 'tool', toolCallId: 'foreign', name: 'exec' } as const;

test('a call of the bridge’s tool is not reported, and its offset is the end of the text before it', async () => {
  let textLength = 12;
  const calls = createToolCalls(() => textLength);
  const offset = calls.findOffset('own');
  expect(calls.translate({ ...own, phase: 'start' })).toEqual([]);
  textLength = 20;
  expect(calls.translate({ ...own, phase: 'end' })).toEqual([]);
  expect(await offset).toBe(12);
  expect(await calls.findOffset('own')).toBe(12);
});

test('the offset of a call without a gateway event is the current end of the text', async () => {
  expect(await createToolCalls(() => 12).findOffset('unreported')).toBe(12);
});

test('a call of another tool is a step, which failed unless the gateway reports otherwise', () => {
  const { translate } = createToolCalls(() => 3);
  const callId = 'foreign';
  expect(translate({ ...foreign, phase: 'start' })).toEqual([
    { type: 'tool', phase: 'start', callId, name: 'exec', title: 'exec', textOffset: 3 },
  ]);
  expect(translate({ ...foreign, phase: 'end', error: 'blocked' })).toEqual([
    { type: 'tool', phase: 'end', callId, status: 'failed', output: 'blocked' },
  ]);
  expect(translate({ ...foreign, phase: 'end', status: 'completed' })).toMatchObject([{ status: 'completed' }]);
});
