import { readFileSync } from 'node:fs';
import { Report } from '@it0/contracts/bridge';
import { limits } from '@it0/contracts/limits';
import { expect, test } from 'vitest';
import { textOf } from '../../testing/fake-server.ts';
import type { End, NewReport } from '../engine.ts';
import { type GatewayEvent, readEvent } from './gateway-event.ts';
import { createTranslator } from './translate.ts';

/** What a real gateway (2026.9.6) sent during one run. */
const recorded = (name: string) =>
  readFileSync(new URL(`recorded/${name}.jsonl`, import.meta.url), 'utf8')
    .trim()
    .split('\n')
    .flatMap((line) => readEvent(JSON.parse(line))?.event ?? []);

function translated(events: GatewayEvent[], translator = createTranslator()) {
  const reports: NewReport[] = [];
  const ends: End[] = [];
  for (const event of events) {
    const { reports: more, end } = translator.take(event);
    reports.push(...more);
    if (end) ends.push(end);
  }
  const steps = reports.filter(({ type }) => type === 'tool' || type === 'approval');
  return { reports, steps, ends, text: textOf(reports as Report[]) };
}

const chat = (state: 'delta' | 'final', text: string): GatewayEvent => ({
  event: 'chat',
  runId: 'r',
  sessionKey: 's',
  state,
  message: { content: [{ type: 'text', text }] },
});

test.for(['text', 'status', 'allow', 'deny', 'abort', 'error', 'bypass'])(
  'every report of the recorded run "%s" is in the contract, and its text grows piece by piece',
  (name) => {
    const { reports, ends, text } = translated(recorded(name));
    for (const report of [...reports, ...ends]) Report.parse('type' in report ? { n: 1, ...report } : report);
    expect(ends[0]?.text.startsWith(text)).toBe(true);
  },
);

test('a reply is one text from its first piece to its end, in Chinese too', () => {
  const { ends, text } = translated(recorded('text'));
  expect(text).toContain('## 脚本回复\n\n这是一个**脚本模型**');
  expect(ends).toMatchObject([{ type: 'completed', text: expect.stringContaining('即可与真实模型对话。') }]);
});

test('a tool call is told with its arguments, output, exit code and duration, and stands where the text was', () => {
  const { steps, ends } = translated(recorded('status'));
  const callId = expect.stringMatching(/^call_/);
  expect(steps).toEqual([
    {
      type: 'tool',
      phase: 'start',
      callId,
      name: 'exec',
      title: 'Exec uptime',
      args: '{"command":"uptime"}',
      textOffset: 'Let me look. I am running `uptime`.'.length,
    },
    {
      type: 'tool',
      phase: 'end',
      callId,
      status: 'completed',
      output: expect.stringContaining('load average'),
      exitCode: 0,
      durationMs: expect.any(Number),
    },
  ]);
  expect(ends[0]?.text).toMatch(/^Let me look\. I am running `uptime`\.\n\n`uptime` says:/);
});

test('what can make something else of a command is told with it', () => {
  const unusual = recorded('allow').map((event) =>
    event.event === 'approval.requested'
      ? { ...event, request: { ...event.request, envKeys: ['PAGER'], warningText: 'Look twice.' } }
      : event,
  );
  const told = { type: 'approval', environment: ['PAGER'], warning: 'Look twice.' };
  expect(translated(unusual).steps).toContainEqual(expect.objectContaining(told));
});

test('a command that asks is told as an approval, and then as allowed', () => {
  const { steps } = translated(recorded('allow'));
  expect(steps).toMatchObject([
    { type: 'tool', phase: 'start' },
    { type: 'approval', status: 'PENDING', command: 'df -h', allowedDecisions: ['allow-once', 'deny'] },
    { type: 'approval', status: 'ALLOWED' },
    { type: 'tool', phase: 'end', status: 'completed', exitCode: 0 },
  ]);
});

test('a denied command is a failed tool call, and the run goes on to its end', () => {
  const { steps, ends } = translated(recorded('deny'));
  expect(steps).toMatchObject([
    { type: 'tool', phase: 'start' },
    { type: 'approval', status: 'PENDING' },
    { type: 'approval', status: 'DENIED' },
    { type: 'tool', phase: 'end', status: 'failed', output: expect.stringContaining('user-denied') },
  ]);
  expect(ends).toMatchObject([{ type: 'completed' }]);
});

test('the answer to a directive is replaced by the reply', () => {
  const { ends } = translated(recorded('bypass'));
  expect(ends[0]?.text).toMatch(/^Let me look/);
});

test('a failed run says why in words for a person, although the gateway says it twice', () => {
  const { ends } = translated(recorded('error'));
  const why = 'LLM request failed: provider rejected the request schema or tool payload.';
  expect(ends[0]).toEqual({ type: 'error', status: 'FAILED', reason: 'AGENT_ERROR', detail: why, text: '' });
});

test.for([
  ['auth', 'MODEL_KEY_REFUSED', 'Check the key'],
  ['rate_limit', 'MODEL_RATE_LIMITED', 'Try again in a while'],
  ['context_overflow', 'CONTEXT_TOO_LONG', 'Start a new one'],
  ['timeout', 'MODEL_UNAVAILABLE', 'Check the network'],
] as const)(
  'a model that does not answer for %s is told from an agent that failed',
  ([failoverReason, reason, advice]) => {
    const errorDetail = { provider: 'anthropic', failoverReason };
    const failed: GatewayEvent = {
      event: 'chat',
      runId: 'r',
      sessionKey: 's',
      state: 'error',
      errorMessage: '401',
      errorDetail,
    };
    expect(translated([failed]).ends).toMatchObject([{ reason, detail: expect.stringContaining(advice) }]);
  },
);

test('a rewritten ending replaces only what differs', () => {
  const { reports } = translated([chat('delta', 'Hello word'), chat('delta', 'Hello world')]);
  expect(reports).toEqual([
    { type: 'text', offset: 0, delta: 'Hello word' },
    { type: 'text', offset: 9, delta: 'ld' },
  ]);
});

test('no piece begins or ends inside a character', () => {
  const { reports, text } = translated([
    chat('delta', 'a\ud83d'),
    chat('delta', 'a😀'),
    chat('delta', 'a😁b'),
    chat('final', 'a😁b'),
  ]);
  for (const report of reports) if (report.type === 'text') expect(report.delta.isWellFormed()).toBe(true);
  expect(text).toBe('a😁b');
});

test('a reply and an output that are too long are cut, not refused', () => {
  const { ends } = translated([chat('final', 'x'.repeat(limits.reply + 1))]);
  expect(ends[0]?.text).toHaveLength(limits.reply);
});

test('a final without text keeps the text there was', () => {
  const { ends } = translated([chat('delta', 'so far'), { ...chat('final', ''), message: undefined } as GatewayEvent]);
  expect(ends).toEqual([{ type: 'completed', text: 'so far' }]);
});

test('a question nobody answered in time is told as expired', () => {
  const asked = recorded('allow').filter(({ event }) => event !== 'approval.resolved');
  expect(translated(asked).steps).toContainEqual(expect.objectContaining({ type: 'approval', status: 'EXPIRED' }));
});

test('without the events that only the sender gets, a tool call is still told at its start and its end', () => {
  const translator = createTranslator();
  translator.follow('', '');
  const others = recorded('status').filter((event) => !(event.event === 'agent' && event.stream === 'tool'));
  expect(translated(others, translator).steps).toMatchObject([
    { phase: 'start', title: 'Exec uptime' },
    { phase: 'end', status: 'completed', output: expect.stringContaining('load average'), exitCode: 0 },
  ]);
});

test('a run that goes on after a restart continues the reply there was before it', () => {
  const translator = createTranslator();
  const first = translator.follow('Before.', 'After');
  const { reports, ends } = translated([chat('delta', 'After it.'), chat('final', 'After it.')], translator);
  expect(textOf([...first, ...reports] as Report[])).toBe('Before.\n\nAfter it.');
  expect(ends).toEqual([{ type: 'completed', text: 'Before.\n\nAfter it.' }]);
});

test('what was missed while there was no contact is told afterwards', () => {
  const translator = createTranslator();
  const before = recorded('allow').filter(
    (event) => event.event !== 'approval.resolved' && !('state' in event && event.state === 'final'),
  );
  const until = before.findIndex((event) => event.event === 'approval.requested') + 1;
  translated(before.slice(0, until), translator);
  const [approvalId] = translator.pending();
  expect(translator.settle(approvalId!, 'ALLOWED')).toMatchObject([{ type: 'approval', status: 'ALLOWED' }]);
  const callId = before.flatMap((event) =>
    event.event === 'approval.requested' ? [event.request.toolCallId!] : [],
  )[0]!;
  const results = [{ callId, isError: false, output: 'Filesystem' }];
  expect(translator.finish(results)).toMatchObject([{ phase: 'end', status: 'completed', output: 'Filesystem' }]);
  expect(translator.finish(results)).toEqual([]);
});

test('an attempt that failed is remembered, in case the time runs out', () => {
  const translator = createTranslator();
  translated(recorded('error').slice(0, -2), translator);
  expect(translator.trouble()).toMatch(/^LLM request failed/);
});
