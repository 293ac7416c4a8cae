import { randomUUID } from 'node:crypto';
import { setTimeout as after } from 'node:timers/promises';
import { TOOL_PREFIX } from '@it0/bridge/tools/tool-server';
import type { History, Row } from './history.ts';
import { beginning, commandOf, ending, type Job, jobOf } from './job.ts';
import type { Tools } from './tools.ts';

export type Emit = (event: string, payload: object) => void;
export type Send = { sessionKey: string; message: string; idempotencyKey: string };
type Active = { runId: string; text: string; stop: AbortController; done: Promise<void> };

const textPart = (text: string) => [{ type: 'text', text }];
const deltaEveryMs = 75;

/**
 * The agent's runs, one at a time in a session. A gateway that is started again goes on with what it was at, under
 * another name, and has forgotten which sends it knew.
 */
export function createRuns(history: History, tools: Tools, emit: Emit) {
  const known = new Map<string, { message: string; isOver: boolean }>();
  const active = new Map<string, Active>();

  function start(sessionKey: string, runId: string, job: Job, isRecovery: boolean) {
    const stop = new AbortController();
    const run: Active = { runId, text: '', stop, done: Promise.resolve() };
    active.set(sessionKey, run);
    run.done = work(sessionKey, run, job, isRecovery)
      .catch((error: unknown) => {
        if (!stop.signal.aborted) throw error;
      })
      .finally(() => {
        active.delete(sessionKey);
        const sent = known.get(runId);
        if (sent) sent.isOver = true;
      });
    return run;
  }

  async function work(sessionKey: string, run: Active, job: Job, isRecovery: boolean) {
    const { runId, stop } = run;
    const { signal } = stop;
    const key = `agent:main:${sessionKey}`;
    const chat = (state: string, more: object = {}) =>
      emit('chat', {
        runId,
        sessionKey: key,
        state,
        message: { role: 'assistant', content: textPart(run.text) },
        ...more,
      });
    const agent = (stream: string, data: object) => emit('agent', { runId, sessionKey: key, stream, data });
    const row = (role: Row['role'], more: Partial<Row>) =>
      history.add({ sessionKey, role, content: [], __openclaw: { runId }, ...more });

    async function say(segment: string) {
      const before = run.text ? `${run.text}\n\n` : '';
      let toldAt = 0;
      const words = segment.split(/(?<= )/);
      for (const [index] of words.entries()) {
        run.text = before + words.slice(0, index + 1).join('');
        if (Date.now() - toldAt >= deltaEveryMs || index === words.length - 1) {
          chat('delta');
          toldAt = Date.now();
        }
        await after(job.pace, undefined, { signal });
      }
    }

    signal.addEventListener('abort', () => {
      row('assistant', { content: textPart(run.text), stopReason: 'aborted' });
      chat('aborted', { stopReason: 'rpc' });
    });
    agent('lifecycle', { phase: 'start', startedAt: Date.now() });
    const earlier = isRecovery ? ownRows(history.of(sessionKey)) : [];
    let ran = true;
    const result = earlier.find(({ role }) => role === 'toolResult');
    if (result) ran = !result.isError;
    else if (job.tool) {
      if (!earlier.some(({ stopReason }) => stopReason === 'toolUse')) {
        await say(beginning(job));
        row('assistant', { content: textPart(beginning(job)), stopReason: 'toolUse' });
      }
      ran = await runCommand(sessionKey, run, job, agent, row);
    }
    await say(ending(job, ran));
    row('assistant', { content: textPart(ending(job, ran)), stopReason: 'stop' });
    agent('lifecycle', { phase: 'end' });
    chat('final', { stopReason: 'stop' });
  }

  async function runCommand(
    sessionKey: string,
    { runId, stop: { signal } }: Active,
    job: Job,
    agent: (stream: string, data: object) => void,
    row: (role: Row['role'], more: Partial<Row>) => void,
  ) {
    const call = `call_${randomUUID()}`;
    const command = commandOf(job);
    const item = { toolCallId: call, name: `${TOOL_PREFIX}run_command`, kind: 'tool', title: `Run ${command}` };
    agent('item', { ...item, phase: 'start', status: 'running' });
    const identity = { session: `agent:main:${sessionKey}`, run: runId, call };
    const calledAt = performance.timeOrigin + performance.now();
    const { text, isError } = await tools.runCommand(command, identity, signal);
    row('toolResult', { toolCallId: call, calledAt, isError, content: textPart(text) });
    agent('item', { ...item, phase: 'end', status: isError ? 'failed' : 'completed' });
    return !isError;
  }

  /** What a killed gateway was at. */
  for (const [sessionKey, rows] of history.sessions) {
    const last = rows.at(-1);
    const asked = rows.findLast(({ idempotencyKey }) => idempotencyKey);
    const job = asked && jobOf(asked.content[0]?.text ?? '');
    if (!job || !last || (last.role === 'assistant' && last.stopReason !== 'toolUse')) continue;
    const text = '[System] Your previous turn was interrupted by a gateway restart.';
    const provenance = { kind: 'internal_system' };
    history.add({ sessionKey, role: 'user', content: textPart(text), provenance });
    start(sessionKey, randomUUID(), job, true);
  }

  return {
    send({ sessionKey, message, idempotencyKey: runId }: Send): { status: string } | 'conflict' {
      const before = known.get(runId);
      if (before) return before.message === message ? { status: before.isOver ? 'ok' : 'in_flight' } : 'conflict';
      known.set(runId, { message, isOver: false });
      const busy = active.get(sessionKey);
      const job = jobOf(message) ?? { name: 'nothing', words: 1, pace: 0 };
      history.add({ sessionKey, role: 'user', content: textPart(message), idempotencyKey: `${runId}:user` });
      if (!busy) start(sessionKey, runId, job, false);
      else {
        // A busy session's next message is answered under a name of its own, after an empty end at once.
        emit('chat', { runId, sessionKey: `agent:main:${sessionKey}`, state: 'final', stopReason: 'stop' });
        void busy.done.then(() => start(sessionKey, randomUUID(), job, false));
      }
      return { status: 'started' };
    },
    abort(sessionKey: string): string[] {
      const run = active.get(sessionKey);
      run?.stop.abort();
      return run ? [run.runId] : [];
    },
    inFlight: (sessionKey: string) => active.get(sessionKey),
  };
}

const ownRows = (rows: Row[]) => rows.slice(rows.findLastIndex(({ idempotencyKey }) => idempotencyKey) + 1);
