import type { TaskRequest, TaskState } from '@it0/contracts/bridge';
import type { ApprovalDecision } from '@it0/contracts/chat-event';
import type { Logger } from 'pino';
import type { NewReport } from './engines/engine.ts';
import { type OpenTask, openOutboxStore } from './outbox-store.ts';
import { TaskQueue } from './task-queue.ts';

export type Outbox = ReturnType<typeof createOutbox>;
export type OutboxOptions = {
  dir: string;
  log: Logger;
  /** Called when the server no longer accepts reports of the task. */
  onAbandon(taskId: string): void;
  /** Called for each decision in the response to a callback. */
  onDecision(approvalId: string, decision: ApprovalDecision): void;
};

/** The longest time that a stop waits for the delivery of stored reports. */
const FLUSH_MS = 2_000;
/** The time after a task's deadline in which its reports are retried: the lifetime of its token. */
const RETRY_WINDOW_MS = 24 * 3_600_000;

/**
 * Creates the outbox, which delivers reports to the server. Durable reports are stored before they are sent, are sent
 * in order, and are retried until the task's token expires. Of text and progress only the latest state is sent, at most
 * 25 times a second. Each task has at most one callback in flight. A new outbox on the same folder continues where the
 * last one stopped.
 */
export function createOutbox({ dir, log, onAbandon, onDecision }: OutboxOptions) {
  const store = openOutboxStore(dir);
  /** The tasks that have not ended, or whose reports have not all been delivered. */
  const queues = new Map<string, TaskQueue>();
  let closed: Promise<void> | undefined;

  function open(task: OpenTask) {
    const { taskId } = task.request;
    const queue = new TaskQueue({
      ...{ task, store, log: log.child({ taskId }), onDecision },
      onAbandon: () => onAbandon(taskId),
      onFinish: () => queues.delete(taskId),
    });
    queues.set(taskId, queue);
  }

  async function close() {
    const deadline = performance.now() + FLUSH_MS;
    await Promise.all([...queues.values()].map((queue) => queue.flush(deadline)));
    const posts = [...queues.values()].map((queue) => queue.close());
    store[Symbol.dispose]();
    await Promise.all(posts);
  }

  for (const task of store.listOpen()) open(task);

  return {
    /**
     * Stores a task. Returns false for a known task, of which only the callback address is updated. Throws when the
     * disk fails.
     */
    accept(request: TaskRequest) {
      const knownUntil = Date.now() + request.timeoutMs + RETRY_WINDOW_MS;
      const isNew = store.accept(request, knownUntil);
      if (isNew) open({ request, knownUntil, state: 'waiting', lastN: 0, ackedN: 0 });
      else queues.get(request.taskId)?.redirect(request);
      return isNew;
    },
    /** Queues a report. Reports of an ended or unknown task are ignored. */
    report: (taskId: string, report: NewReport) => queues.get(taskId)?.report(report),
    /** Returns the state of a known task. */
    find(taskId: string): TaskState | undefined {
      const queue = queues.get(taskId);
      if (queue) return queue.state;
      const progress = store.find(taskId);
      return progress && { taskId, ...progress, callbackFailing: false };
    },
    /** Returns the current request of a task with undelivered reports; its callback address may have changed. */
    findRequest: (taskId: string) => queues.get(taskId)?.request,
    /** Lists the tasks that have not ended, in the order they were accepted. */
    listUnended: () => [...queues.values()].filter(({ hasEnded }) => !hasEnded).map(({ request }) => request),
    /** Returns whether a task has not ended, or its reports have not all been delivered. */
    hasOpenTasks: () => queues.size > 0,
    /** Delivers the stored reports first, unless the server is unavailable. */
    [Symbol.asyncDispose]: () => (closed ??= close()),
  };
}
