import type { TaskRequest } from '@it0/contracts/bridge';
import type { Logger } from 'pino';
import type { Approvals } from './approvals.ts';
import type { Attachments } from './attachments.ts';
import type { Engine, StopReason } from './engines/engine.ts';
import { toStoppedEnd } from './engines/engine.ts';
import type { Outbox } from './outbox.ts';

type TasksOptions = { outbox: Outbox; engine: Engine; approvals: Approvals; attachments: Attachments; log: Logger };
export type Tasks = ReturnType<typeof createTasks>;

/** The longest delay of a timer in Node. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/**
 * Creates the task scheduler. It runs the tasks of a session one at a time, in the order in which they were accepted,
 * stops a task at its deadline, and reports exactly one end of each task.
 */
export function createTasks({ outbox, engine, approvals, attachments, log }: TasksOptions) {
  const stops = new Map<string, AbortController>();
  const sessions = new Map<string, Promise<void>>();

  function start(task: TaskRequest, isResumed: boolean) {
    const { taskId, sessionKey } = task;
    const stop = new AbortController();
    stops.set(taskId, stop);
    // A restarted bridge counts the timeout from zero: the server's clock decides, and the server stops late tasks.
    const deadline = setTimeout(
      () => stop.abort('deadline' satisfies StopReason),
      Math.min(MAX_TIMER_MS, task.timeoutMs),
    );
    const previous = sessions.get(sessionKey) ?? Promise.resolve();
    const done = Promise.race([previous, waitForAbort(stop.signal)])
      .then(() => run(task, isResumed, stop.signal))
      .finally(() => {
        clearTimeout(deadline);
        stops.delete(taskId);
      });
    const tail = Promise.all([previous, done]).then(() => {
      if (sessions.get(sessionKey) === tail) sessions.delete(sessionKey);
    });
    sessions.set(sessionKey, tail);
  }

  async function run(task: TaskRequest, isResumed: boolean, signal: AbortSignal) {
    const { taskId } = task;
    const startedAt = Date.now();
    const end = signal.aborted && !isResumed ? toStoppedEnd(signal, '') : await attempt(task, isResumed, signal);
    if (!end) return;
    outbox.report(taskId, end);
    forgetApprovals(taskId);
    await attachments
      .forget(taskId)
      .catch((error) => log.warn({ taskId, err: error }, 'attachments could not be deleted'));
    const result = end.type === 'error' ? { status: end.status, reason: end.reason } : { status: 'COMPLETED' };
    log.info({ taskId, ...result, tookMs: Date.now() - startedAt }, 'task ended');
  }

  /** Deletes a task's approvals. If the disk fails, the next start deletes them. */
  function forgetApprovals(taskId: string) {
    try {
      approvals.forget(taskId);
    } catch (error) {
      log.warn({ taskId, err: error }, 'approvals could not be deleted');
    }
  }

  async function attempt(task: TaskRequest, isResumed: boolean, signal: AbortSignal) {
    const { taskId } = task;
    let hasStarted = outbox.find(taskId)?.state === 'running';
    try {
      const fetched = await attachments.fetchAll(() => outbox.findRequest(taskId) ?? task, signal);
      if ('end' in fetched) return fetched.end;
      return await engine.run({
        task,
        files: fetched.files,
        isResumed,
        hasStarted,
        signal,
        report(report) {
          if (report.type === 'task' && hasStarted) return;
          hasStarted ||= report.type === 'task';
          outbox.report(taskId, report);
        },
      });
    } catch (error) {
      log.error({ taskId, err: error }, 'a run failed unexpectedly');
      const detail = 'The bridge failed while it was running this task.';
      return { type: 'error', status: 'FAILED', reason: 'AGENT_ERROR', detail, text: '' } as const;
    }
  }

  return {
    /** Resumes the tasks that an earlier process accepted and did not end. */
    resume() {
      const unended = outbox.listUnended();
      approvals.keepOnly(unended.map(({ taskId }) => taskId));
      attachments
        .keepOnly(unended.map(({ taskId }) => taskId))
        .catch((error) => log.warn({ err: error }, 'attachments could not be deleted'));
      for (const task of unended) start(task, true);
    },
    /** Accepts a task. A known task is not started again. Throws when the task cannot be stored. */
    accept(task: TaskRequest) {
      if (outbox.accept(task)) start(task, false);
    },
    /** Stops a task, if it is running or queued. */
    stop(taskId: string, reason: StopReason) {
      stops.get(taskId)?.abort(reason);
    },
  };
}

const waitForAbort = (signal: AbortSignal) =>
  new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
