import type { TaskRequest } from '@it0/contracts/bridge';
import type { Logger } from 'pino';
import type { Approvals } from './approvals.ts';
import type { Attachments } from './attachments.ts';
import type { Engine, StopReason } from './engines/engine.ts';
import { toStoppedEnd } from './engines/engine.ts';
import type { Outbox } from './outbox.ts';

type Parts = { outbox: Outbox; engine: Engine; approvals: Approvals; attachments: Attachments; log: Logger };
export type Tasks = ReturnType<typeof createTasks>;

/** The longest a Node timer can be. */
const mostMs = 2 ** 31 - 1;

/** Leads each task to its one end: one at a time in a session, in the order they came, and none beyond its deadline. */
export function createTasks({ outbox, engine, approvals, attachments, log }: Parts) {
  const stops = new Map<string, AbortController>();
  const sessions = new Map<string, Promise<void>>();

  function start(task: TaskRequest, resumed: boolean) {
    const { taskId, sessionKey } = task;
    const stop = new AbortController();
    stops.set(taskId, stop);
    // Counted anew by a bridge that was started again: the server, which has the one true clock, stops it in time.
    const deadline = setTimeout(() => stop.abort('deadline' satisfies StopReason), Math.min(mostMs, task.timeoutMs));
    const before = sessions.get(sessionKey) ?? Promise.resolve();
    const done = Promise.race([before, aborted(stop.signal)])
      .then(() => run(task, resumed, stop.signal))
      .finally(() => {
        clearTimeout(deadline);
        stops.delete(taskId);
      });
    const tail = Promise.all([before, done]).then(() => {
      if (sessions.get(sessionKey) === tail) sessions.delete(sessionKey);
    });
    sessions.set(sessionKey, tail);
  }

  async function run(task: TaskRequest, resumed: boolean, signal: AbortSignal) {
    const { taskId } = task;
    const startedAt = Date.now();
    const end = signal.aborted && !resumed ? toStoppedEnd(signal, '') : await attempt(task, resumed, signal);
    if (!end) return;
    outbox.report(taskId, end);
    forgetApprovals(taskId);
    await attachments.forget(taskId).catch((error) => log.warn({ taskId, err: error }, 'files were not removed'));
    const how = end.type === 'error' ? { status: end.status, reason: end.reason } : { status: 'COMPLETED' };
    log.info({ taskId, ...how, tookMs: Date.now() - startedAt }, 'task ended');
  }

  /** Deletes a task's approvals. If the disk fails, the next start deletes them. */
  function forgetApprovals(taskId: string) {
    try {
      approvals.forget(taskId);
    } catch (error) {
      log.warn({ taskId, err: error }, 'approvals were not removed');
    }
  }

  async function attempt(task: TaskRequest, resumed: boolean, signal: AbortSignal) {
    const { taskId } = task;
    let hasStarted = outbox.find(taskId)?.state === 'running';
    try {
      const brought = await attachments.fetchAll(() => outbox.findRequest(taskId) ?? task, signal);
      if ('end' in brought) return brought.end;
      return await engine.run({
        task,
        files: brought.files,
        isResumed: resumed,
        hasStarted: hasStarted,
        signal,
        report(report) {
          if (report.type === 'task' && hasStarted) return;
          hasStarted ||= report.type === 'task';
          outbox.report(taskId, report);
        },
      });
    } catch (error) {
      log.error({ taskId, err: error }, 'a run failed unexpectedly');
      const detail = 'The bridge failed while it was working on this task.';
      return { type: 'error', status: 'FAILED', reason: 'AGENT_ERROR', detail, text: '' } as const;
    }
  }

  return {
    /** Goes on with what an earlier process accepted and did not end. */
    resume() {
      const unended = outbox.listUnended();
      approvals.keepOnly(unended.map(({ taskId }) => taskId));
      attachments
        .keepOnly(unended.map(({ taskId }) => taskId))
        .catch((error) => log.warn({ err: error }, 'files were not removed'));
      for (const task of unended) start(task, true);
    },
    /** Takes a task; one that is known already goes on as it was. Throws when it cannot be written to disk. */
    accept(task: TaskRequest) {
      if (outbox.accept(task)) start(task, false);
    },
    stop(taskId: string, reason: StopReason) {
      stops.get(taskId)?.abort(reason);
    },
  };
}

const aborted = (signal: AbortSignal) =>
  new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
