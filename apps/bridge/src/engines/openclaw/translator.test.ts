import { readFileSync } from 'node:fs';
import { Report } from '@it0/contracts/bridge';
import { expect, test } from 'vitest';
import { joinReplyText } from '../../testing/fake-server.ts';
import type { End, NewReport } from '../engine.ts';
import { type GatewayEvent, parseEvent } from './gateway-event.ts';
import { Translator } from './translator.ts';

/** Reads the events that a real gateway (2026.9.6) sent during one run. */
const readRecording = (name: string) =>
  readFileSync(new URL(`recorded/${name}.jsonl`, import.meta.url), 'utf8')
    .trim()
    .split('\n')
    .flatMap((line) => parseEvent(JSON.parse(line))?.event ?? []);

function translateAll(events: GatewayEvent[], translator = new Translator()) {
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

test('a final event without text keeps the previous text', () => {
  const { ends } = translateAll([
    chat('delta', 'so far'),
    { ...chat('final', ''), message: undefined } as GatewayEvent,
  ]);
  expect(ends).toEqual([{ type: 'completed', text: 'so far' }]);
});

test('a run that resumes after a restart continues the previous reply', () => {
  const translator = new Translator();
  const first = translator.resume('Before.', 'After');
  const { reports, ends } = translateAll([chat('delta', 'After it.'), chat('final', 'After it.')], translator);
  expect(joinReplyText([...first, ...reports] as Report[])).toBe('Before.\n\nAfter it.');
  expect(ends).toEqual([{ type: 'completed', text: 'Before.\n\nAfter it.' }]);
});

test('lastError is the failure of an attempt that did not end the run', () => {
  const translator = new Translator();
  translateAll(readRecording('error').slice(0, -2), translator);
  expect(translator.lastError).toMatch(/^LLM request failed/);
});

test('the attempts that a gateway repeats are reported with their reason, and counted until the model responds', () => {
  const failed: GatewayEvent = {
    ...{ event: 'agent', runId: 'r', sessionKey: 's', stream: 'lifecycle' },
    data: {
      ...{ phase: 'finishing', error: 'LLM request rate limited.' },
      errorObservation: { provider: 'openai', failoverReason: 'rate_limit' },
    },
  };
  const { reports } = translateAll([failed, failed, chat('delta', 'Hi'), failed]);
  const retry = (attempt: number) => ({ type: 'model-retry', reason: 'MODEL_RATE_LIMITED', attempt });
  expect(reports).toEqual([retry(1), retry(2), { type: 'text', offset: 0, delta: 'Hi' }, retry(1)]);
});

test('a continued run that has lost the tools of the bridge fails, and a model that invents a tool does not', () => {
  const item: GatewayEvent = {
    ...{ event: 'agent', runId: 'r', sessionKey: 's', stream: 'item' },
    data: {
      ...{ toolCallId: 'c', name: 'it0__run_command', kind: 'tool', phase: 'end', status: 'failed' },
      error: 'Tool it0__run_command not found',
    },
  };
  expect(translateAll([item, chat('final', 'Done.')]).ends).toMatchObject([{ type: 'completed' }]);
  const resumed = new Translator();
  resumed.resume('', '');
  expect(translateAll([item, chat('final', 'Done.')], resumed).ends).toMatchObject([
    { type: 'error', status: 'FAILED', reason: 'AGENT_ERROR', detail: expect.stringContaining('without its tools') },
  ]);
});
