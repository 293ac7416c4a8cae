import { randomUUID } from 'node:crypto';
import { setTimeout as after } from 'node:timers/promises';
import { TOOL_PREFIX } from '@it0/bridge/tools/tool-server';
import type { History, Row } from './history.ts';
import { formatCommand, formatEnding, formatOpening, type Job, parseJob } from './job.ts';
import type { Tools } from './tools.ts';

export type Emit = (event: string, payload: object) => void;
export type Send = { sessionKey: string; message: string; idempotencyKey: string };
type Active = { runId: string; text: string; stop: AbortController; done: Promise<void> };

const textPart = (text: string) => [{ type: 'text', text }];
const DELTA_MS = 75;

/**
 * Runs jobs, one at a time in a session. After a restart the gateway continues an interrupted run under another id, and
 * has lost the ids of earlier sends.
 */
export function createRuns(history: History, tools: Tools, emit: Emit) {
  const sends = new Map<string, { message: string; isOver: boolean }>();
  const active = new Map<string, Active>();

  function start(sessionKey: string, runId: string, job: Job, isRecovery: boolean) {
    const stop = new AbortController();
    const run: Active = { runId, text: '', stop, done: Promise.resolve() };
    active.set(sessionKey, run);
    run.done = runJob(sessionKey, run, job, isRecovery)
      .catch((error: unknown) => {
        if (!stop.signal.aborted) throw error;
      })
      .finally(() => {
        active.delete(sessionKey);
        const sent = sends.get(runId);
        if (sent) sent.isOver = true;
      });
    return run;
  }

  async function runJob(sessionKey: string, run: Active, job: Job, isRecovery: boolean) {
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

    async function stream(segment: string) {
      const before = run.text ? `${run.text}\n\n` : '';
      let sentAt = 0;
      const words = segment.split(/(?<= )/);
      for (const [index] of words.entries()) {
        run.text = before + words.slice(0, index + 1).join('');
        if (Date.now() - sentAt >= DELTA_MS || index === words.length - 1) {
          chat('delta');
          sentAt = Date.now();
        }
        await after(job.pace, undefined, { signal });
      }
    }

    signal.addEventListener('abort', () => {
      row('assistant', { content: textPart(run.text), stopReason: 'aborted' });
      chat('aborted', { stopReason: 'rpc' });
    });
    agent('lifecycle', { phase: 'start', startedAt: Date.now() });
    const earlier = isRecovery ? latestTurn(history.of(sessionKey)) : [];
    let ran = true;
    const result = earlier.find(({ role }) => role === 'toolResult');
    if (result) ran = !result.isError;
    else if (job.tool) {
      if (!earlier.some(({ stopReason }) => stopReason === 'toolUse')) {
        await stream(formatOpening(job));
        row('assistant', { content: textPart(formatOpening(job)), stopReason: 'toolUse' });
      }
      ran = await runCommand(sessionKey, run, job, agent, row);
    }
    await stream(formatEnding(job, ran));
    row('assistant', { content: textPart(formatEnding(job, ran)), stopReason: 'stop' });
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
    const command = formatCommand(job);
    const item = { toolCallId: call, name: `${TOOL_PREFIX}run_command`, kind: 'tool', title: `Run ${command}` };
    agent('item', { ...item, phase: 'start', status: 'running' });
    const identity = { session: `agent:main:${sessionKey}`, run: runId, call };
    const calledAt = performance.timeOrigin + performance.now();
    const { text, isError } = await tools.runCommand(command, identity, signal);
    row('toolResult', { toolCallId: call, calledAt, isError, content: textPart(text) });
    agent('item', { ...item, phase: 'end', status: isError ? 'failed' : 'completed' });
    return !isError;
  }

  // Continues the runs that a kill interrupted.
  for (const [sessionKey, rows] of history.sessions) {
    const last = rows.at(-1);
    const lastMessage = rows.findLast(({ idempotencyKey }) => idempotencyKey);
    const job = lastMessage && parseJob(lastMessage.content[0]?.text ?? '');
    if (!job || !last || (last.role === 'assistant' && last.stopReason !== 'toolUse')) continue;
    const text = '[System] Your previous turn was interrupted by a gateway restart.';
    const provenance = { kind: 'internal_system' };
    history.add({ sessionKey, role: 'user', content: textPart(text), provenance });
    start(sessionKey, randomUUID(), job, true);
  }

  return {
    send({ sessionKey, message, idempotencyKey: runId }: Send): { status: string } | 'conflict' {
      const before = sends.get(runId);
      if (before) return before.message === message ? { status: before.isOver ? 'ok' : 'in_flight' } : 'conflict';
      sends.set(runId, { message, isOver: false });
      const busy = active.get(sessionKey);
      const job = parseJob(message) ?? { name: 'nothing', words: 1, pace: 0 };
      history.add({ sessionKey, role: 'user', content: textPart(message), idempotencyKey: `${runId}:user` });
      if (!busy) start(sessionKey, runId, job, false);
      else {
        // The next message of a busy session gets an empty end immediately, and is answered under another run id.
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

const latestTurn = (rows: Row[]) => rows.slice(rows.findLastIndex(({ idempotencyKey }) => idempotencyKey) + 1);
