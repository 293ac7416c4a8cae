import { readFileSync } from 'node:fs';
import { Report } from '@it0/contracts/bridge';
import { limits } from '@it0/contracts/limits';
import { expect, test } from 'vitest';
import { joinReplyText } from '../../testing/fake-server.ts';
import type { End, NewReport } from '../engine.ts';
import { type GatewayEvent, parseEvent } from './gateway-event.ts';
import { createTranslator } from './translate.ts';

/** Reads the events that a real gateway (2026.9.6) sent during one run. */
const readRecording = (name: string) =>
  readFileSync(new URL(`recorded/${name}.jsonl`, import.meta.url), 'utf8')
    .trim()
    .split('\n')
    .flatMap((line) => parseEvent(JSON.parse(line))?.event ?? []);

function translateAll(events: GatewayEvent[], translator = createTranslator()) {
  const reports: NewReport[] = [];
  const ends: End[] = [];
  for (const event of events) {
    const { reports: more, end } = translator.translate(event);
    reports.push(...more);
    if (end) ends.push(end);
  }
  const steps = reports.filter(({ type }) => type === 'tool' || type === 'approval');
  return { reports, steps, ends, text: joinReplyText(reports as Report[]) };
}

const chat = (state: 'delta' | 'final', text: string): GatewayEvent => ({
  event: 'chat',
  runId: 'r',
  sessionKey: 's',
  state,
  message: { content: [{ type: 'text', text }] },
});

test.for(['text', 'status', 'allow', 'deny', 'abort', 'error', 'bypass'])(
  'the reports of the recorded run "%s" match the contract, and its text only grows',
  (name) => {
    const { reports, ends, text } = translateAll(readRecording(name));
    for (const report of [...reports, ...ends]) Report.parse('type' in report ? { n: 1, ...report } : report);
    expect(ends[0]?.text.startsWith(text)).toBe(true);
  },
);

test('a reply in Chinese is one text from its first delta to its end', () => {
  const { ends, text } = translateAll(readRecording('text'));
  expect(text).toContain('## 脚本回复\n\n这是一个**脚本模型**');
  expect(ends).toMatchObject([{ type: 'completed', text: expect.stringContaining('即可与真实模型对话。') }]);
});

test('a call of a tool that is not the bridge’s is a failed step at the current end of the text', () => {
  const { steps, ends } = translateAll(readRecording('deny'));
  const callId = expect.stringMatching(/^call_/);
  const textOffset = expect.any(Number);
  expect(steps).toEqual([
    { type: 'tool', phase: 'start', callId, name: 'exec', title: expect.stringContaining('Exec'), textOffset },
    { type: 'tool', phase: 'end', callId, status: 'failed', output: expect.any(String) },
  ]);
  expect(ends).toMatchObject([{ type: 'completed' }]);
});

const bridgeToolCall = (phase: 'start' | 'end'): GatewayEvent => ({
  ...{ event: 'agent', runId: 'r', sessionKey: 's', stream: 'item' },
  data: { kind: 'tool', toolCallId: 'own', name: 'it0__run_command', phase },
});

test('a call of the bridge’s tool is not reported, and its offset is the end of the text before it', async () => {
  const translator = createTranslator();
  const offset = translator.findOffset('own');
  const { steps } = translateAll(
    [chat('delta', 'Let me look.'), bridgeToolCall('start'), bridgeToolCall('end')],
    translator,
  );
  translateAll([chat('delta', 'Let me look. There.')], translator);
  expect(steps).toEqual([]);
  expect(await offset).toBe('Let me look.'.length);
  expect(await translator.findOffset('own')).toBe('Let me look.'.length);
});

test('the offset of a call without a gateway event is the current end of the text', async () => {
  const translator = createTranslator();
  translateAll([chat('delta', 'Let me look.')], translator);
  expect(await translator.findOffset('unreported')).toBe('Let me look.'.length);
});

test('the reply replaces the response to a directive', () => {
  const { ends } = translateAll(readRecording('bypass'));
  expect(ends[0]?.text).toMatch(/^Let me look/);
});

test('a failed run has one end with a message for the user, although the gateway reports the failure twice', () => {
  const { ends } = translateAll(readRecording('error'));
  const message = 'LLM request failed: provider rejected the request schema or tool payload.';
  expect(ends[0]).toEqual({ type: 'error', status: 'FAILED', reason: 'AGENT_ERROR', detail: message, text: '' });
});

test.for([
  ['auth', 'MODEL_KEY_REFUSED', 'Check the key'],
  ['rate_limit', 'MODEL_RATE_LIMITED', 'Try again later'],
  ['context_overflow', 'CONTEXT_TOO_LONG', 'Start a new one'],
  ['timeout', 'MODEL_UNAVAILABLE', 'Check the network'],
] as const)('a model failure of the kind %s has its own reason', ([failoverReason, reason, advice]) => {
  const errorDetail = { provider: 'anthropic', failoverReason };
  const failed: GatewayEvent = {
    event: 'chat',
    runId: 'r',
    sessionKey: 's',
    state: 'error',
    errorMessage: '401',
    errorDetail,
  };
  expect(translateAll([failed]).ends).toMatchObject([{ reason, detail: expect.stringContaining(advice) }]);
});

test('a delta replaces only the part of the text that differs', () => {
  const { reports } = translateAll([chat('delta', 'Hello word'), chat('delta', 'Hello world')]);
  expect(reports).toEqual([
    { type: 'text', offset: 0, delta: 'Hello word' },
    { type: 'text', offset: 9, delta: 'ld' },
  ]);
});

test('no delta splits a surrogate pair', () => {
  const { reports, text } = translateAll([
    chat('delta', 'a\ud83d'),
    chat('delta', 'a😀'),
    chat('delta', 'a😁b'),
    chat('final', 'a😁b'),
  ]);
  for (const report of reports) if (report.type === 'text') expect(report.delta.isWellFormed()).toBe(true);
  expect(text).toBe('a😁b');
});

test('a reply that is too long is truncated', () => {
  const { ends } = translateAll([chat('final', 'x'.repeat(limits.reply + 1))]);
  expect(ends[0]?.text).toHaveLength(limits.reply);
});

test('a final event without text keeps the previous text', () => {
  const { ends } = translateAll([
    chat('delta', 'so far'),
    { ...chat('final', ''), message: undefined } as GatewayEvent,
  ]);
  expect(ends).toEqual([{ type: 'completed', text: 'so far' }]);
});

test('a run that resumes after a restart continues the previous reply', () => {
  const translator = createTranslator();
  const first = translator.resume('Before.', 'After');
  const { reports, ends } = translateAll([chat('delta', 'After it.'), chat('final', 'After it.')], translator);
  expect(joinReplyText([...first, ...reports] as Report[])).toBe('Before.\n\nAfter it.');
  expect(ends).toEqual([{ type: 'completed', text: 'Before.\n\nAfter it.' }]);
});

test('lastError returns the failure of an attempt that did not end the run', () => {
  const translator = createTranslator();
  translateAll(readRecording('error').slice(0, -2), translator);
  expect(translator.lastError()).toMatch(/^LLM request failed/);
});
