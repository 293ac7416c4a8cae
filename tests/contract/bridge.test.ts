import { randomUUID } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createBridge } from '@it0/bridge/bridge';
import type { Engine } from '@it0/bridge/engines/engine';
import { parseEvent } from '@it0/bridge/engines/openclaw/gateway-event';
import { Translator } from '@it0/bridge/engines/openclaw/translator';
import { Callback, type Report, TaskState } from '@it0/contracts/bridge';
import { limits } from '@it0/contracts/limits';
import { until } from '@it0/tests/support/until';
import { HttpResponse, http, passthrough } from 'msw';
import { setupServer } from 'msw/node';
import pino from 'pino';
import { expect, test } from 'vitest';

const recordings = new URL('../../apps/bridge/src/engines/openclaw/recorded/', import.meta.url);
const secret = 'the secret of an instance';
const callbackUrl = 'http://server.test/callback';
const noEngine = { version: null, connected: false };

/** An engine that replays a recorded run of a real gateway; the message is the name of the recording. */
const replay: Engine = {
  health: () => ({ ready: true, engine: noEngine, model: { name: 'recorded', scripted: true }, detail: null }),
  async run({ task, report }) {
    const translator = new Translator();
    for (const line of readFileSync(new URL(`${task.message}.jsonl`, recordings), 'utf8')
      .trim()
      .split('\n')) {
      const event = parseEvent(JSON.parse(line))?.event;
      const { reports, end } = event ? translator.translate(event) : { reports: [] };
      for (const each of reports) report(each);
      if (end) return end;
    }
  },
  async [Symbol.asyncDispose]() {},
};

/** Starts a bridge, and a server that refuses callbacks outside of the contract. */
async function startBridge(engine: Engine = replay) {
  const dir = mkdtempSync(join(tmpdir(), 'bridge-'));
  const callbacks: { authorization: string | null; bytes: number; body: Callback }[] = [];
  const invalid: unknown[] = [];
  const server = setupServer(
    http.post(callbackUrl, async ({ request }) => {
      const raw = await request.text();
      const { data, error } = Callback.safeParse(JSON.parse(raw));
      if (!data) {
        invalid.push(error.issues);
        return HttpResponse.json({ issues: error.issues }, { status: 422 });
      }
      callbacks.push({
        authorization: request.headers.get('authorization'),
        bytes: Buffer.byteLength(raw),
        body: data,
      });
      return HttpResponse.json({ ack: Math.max(0, ...data.events.map((event) => ('n' in event ? event.n : 0))) });
    }),
    http.all('*', () => passthrough()),
  );
  server.listen({ onUnhandledFrame: 'bypass' });
  const options = {
    dir,
    host: '127.0.0.1',
    port: 0,
    secret,
    log: pino({ level: 'silent' }),
    createEngine: () => engine,
  };
  const bridge = await createBridge(options);
  const request = (path: string, init?: RequestInit) =>
    fetch(bridge.url + path, { ...init, headers: { authorization: `Bearer ${secret}` } });
  const reports = (taskId: string) =>
    callbacks.filter(({ body }) => body.taskId === taskId).flatMap(({ body }): Report[] => body.events);
  return {
    callbacks,
    invalid,
    reports,
    request,
    async send(message: string) {
      const taskId = randomUUID();
      const task = {
        taskId,
        sessionKey: `it0:${taskId}`,
        message,
        callbackUrl,
        callbackToken: `token of ${taskId}`,
        timeoutMs: 60_000,
      };
      expect((await request('/task-async', { method: 'POST', body: JSON.stringify(task) })).status).toBe(202);
      return taskId;
    },
    end: (taskId: string) => until(() => reports(taskId).find(({ type }) => type === 'completed' || type === 'error')),
    async [Symbol.asyncDispose]() {
      await bridge.close();
      server.close();
      rmSync(dir, { recursive: true });
    },
  };
}

test.for(readdirSync(recordings).map((file) => file.replace('.jsonl', '')))(
  'every callback of the recorded run "%s" fits the contract, is numbered without a gap, and is acknowledged',
  async (name) => {
    await using bridge = await startBridge();
    const taskId = await bridge.send(name);
    await bridge.end(taskId);
    expect(bridge.invalid).toEqual([]);
    const numbers = bridge.reports(taskId).flatMap((report) => ('n' in report ? [report.n] : []));
    expect(numbers).toEqual(numbers.map((_, index) => index + 1));
    for (const { authorization } of bridge.callbacks) expect(authorization).toBe(`Bearer token of ${taskId}`);
    const state = await until(async () => {
      const current = TaskState.parse(await (await bridge.request(`/task-async/${taskId}`)).json());
      return current.ackedN === numbers.length && current;
    });
    expect(state).toEqual({
      taskId,
      state: 'ended',
      lastN: numbers.length,
      ackedN: numbers.length,
      callbackFailing: false,
    });
  },
);

test('the largest possible reports stay within the limits of a callback', async () => {
  const engine: Engine = {
    ...replay,
    async run({ report }) {
      for (let index = 0; index < 40; index += 1) {
        const callId = `call ${index}`;
        report({ type: 'tool', phase: 'start', callId, name: 'exec', title: 'cat', textOffset: 0 });
        report({ type: 'tool', phase: 'end', callId, status: 'completed', output: '漢'.repeat(limits.toolOutput) });
      }
      return { type: 'completed', text: '字'.repeat(limits.reply) };
    },
  };
  await using bridge = await startBridge(engine);
  const taskId = await bridge.send('large reports');
  expect(await bridge.end(taskId)).toMatchObject({ type: 'completed' });
  expect(bridge.invalid).toEqual([]);
  for (const { bytes, body } of bridge.callbacks) {
    expect(bytes).toBeLessThanOrEqual(limits.callbackBytes);
    expect(body.events.length).toBeLessThanOrEqual(limits.callbackEvents);
  }
});
