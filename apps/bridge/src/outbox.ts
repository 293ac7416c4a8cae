import { setTimeout as after } from 'node:timers/promises';
import type { CallbackAck, DurableReport, Report, TaskRequest, TaskState } from '@it0/contracts/bridge';
import type { ApprovalDecision } from '@it0/contracts/chat-event';
import { limits } from '@it0/contracts/limits';
import type { Logger } from 'pino';
import { type DeliveryOutcome, deliver } from './delivery.ts';
import { createDeltaBuffer, type DeltaBuffer } from './delta-buffer.ts';
import type { NewReport } from './engines/engine.ts';
import { type OpenTask, openOutboxStore } from './outbox-store.ts';

export type Outbox = ReturnType<typeof createOutbox>;
export type OutboxOptions = {
  dir: string;
  log: Logger;
  /** Called when the server no longer accepts reports of the task. */
  onAbandon(taskId: string): void;
  /** Called for each decision in the response to a callback. */
  onDecision(approvalId: string, decision: ApprovalDecision): void;
};

const DELTA_INTERVAL_MS = 40;
const HEARTBEAT_MS = 10_000;
const DISK_RETRY_MS = 1_000;
/** The longest time that `close` waits for the delivery of stored reports. */
const FLUSH_MS = 2_000;
const BACKOFF = { firstMs: 200, maxMs: 10_000 };
/** The time after a task's deadline in which its reports are retried: the lifetime of its token. */
const RETRY_WINDOW_MS = 24 * 3_600_000;
/** The size of a batch in UTF-16 units of JSON. A unit has up to 3 bytes, so a batch fits `limits.callbackBytes`. */
const MAX_BATCH_UNITS = limits.callbackBytes / 4;

/** The undelivered reports of one task. `lastN` includes the unsaved ones. */
type TaskQueue = OpenTask & {
  deltas: DeltaBuffer;
  /** Durable reports that could not be written to disk yet. They are sent only once they are stored. */
  unsaved: DurableReport[];
  isPosting: boolean;
  /** The server rejected a batch: reports are sent one at a time, to find the invalid one. */
  isIsolating: boolean;
  /** A rejected report was replaced with an error that ends the task. */
  isReplaced: boolean;
  failures: number;
  lastPostAt: number;
  notBefore: number;
  timer?: NodeJS.Timeout;
  saveTimer?: NodeJS.Timeout;
};

/**
 * Creates the outbox, which delivers reports to the server. Durable reports are stored before they are sent, are sent
 * in order, and are retried until the task's token expires. Of text and progress only the latest state is sent, at most
 * 25 times a second. Each task has at most one callback in flight. A new outbox on the same folder continues where the
 * last one stopped.
 */
export function createOutbox({ dir, log, onAbandon, onDecision }: OutboxOptions) {
  const store = openOutboxStore(dir);
  const queues = new Map<string, TaskQueue>();
  const closing = new AbortController();
  const posts = new Set<Promise<void>>();
  /** Resolves when any callback has completed. */

  function open(task: OpenTask) {
    const queue: TaskQueue = {
      ...task,
      deltas: createDeltaBuffer(),
      unsaved: [],
      isPosting: false,
      isIsolating: false,
      isReplaced: false,
      failures: 0,
      lastPostAt: performance.now(),
      notBefore: 0,
    };
    queues.set(task.request.taskId, queue);
    schedule(queue);
  }

  const hasDurable = (queue: TaskQueue) => queue.lastN - queue.unsaved.length > queue.ackedN;

  function schedule(queue: TaskQueue) {
    clearTimeout(queue.timer);
    if (queue.isPosting || closing.signal.aborted || !queues.has(queue.request.taskId)) return;
    if (queue.state === 'ended' && !hasDurable(queue)) return;
    const due = hasDurable(queue) ? 0 : queue.lastPostAt + (queue.deltas.isEmpty() ? HEARTBEAT_MS : DELTA_INTERVAL_MS);
    queue.timer = setTimeout(
      () => {
        const post = postNext(queue)
          .catch((error) => pause(queue, error))
          .finally(() => posts.delete(post));
        posts.add(post);
      },
      Math.max(0, Math.max(due, queue.notBefore) - performance.now()),
    );
  }

  async function postNext(queue: TaskQueue) {
    const durable = takeBatch(store.listUnacknowledged(queue.request.taskId, queue.isIsolating ? 1 : 100));
    // The final report has the whole text, so deltas are redundant. A suspect report is sent alone.
    const isAlone = durable.length > 0 && (queue.isIsolating || isEnd(durable.at(-1)!));
    const deltas = isAlone ? null : queue.deltas.drain();
    const events: Report[] = [...(deltas?.reports ?? []), ...durable];
    if (events.length === 0) events.push({ type: 'heartbeat' });
    queue.isPosting = true;
    queue.lastPostAt = performance.now();
    const outcome = await deliver(queue.request, events, closing.signal);
    queue.isPosting = false;
    if (closing.signal.aborted || !queues.has(queue.request.taskId)) return;
    if (outcome.type === 'retry' || outcome.type === 'gap') deltas?.restore();
    applyOutcome(queue, outcome, durable, events.length);
    schedule(queue);
  }

  /** Retries after a disk error. Reports may be sent twice; the server ignores duplicates. */
  function pause(queue: TaskQueue, error: unknown) {
    log.error({ taskId: queue.request.taskId, err: error }, 'the outbox cannot be read or written');
    queue.isPosting = false;
    queue.notBefore = performance.now() + DISK_RETRY_MS;
    schedule(queue);
  }

  /** Applies the outcome of a callback with `count` reports, of which `durable` are durable. */
  function applyOutcome(queue: TaskQueue, outcome: DeliveryOutcome, durable: DurableReport[], count: number) {
    const last = durable.at(-1);
    switch (outcome.type) {
      case 'retry':
        return retry(queue, outcome);
      case 'gone':
        return abandon(queue, `HTTP ${outcome.status}`);
      case 'accepted':
        decide(queue, outcome.decisions);
        queue.isIsolating = false;
        if (outcome.textFrom !== undefined) queue.deltas.resendFrom(outcome.textFrom);
        queue.notBefore = 0;
        if (last) acknowledge(queue, Math.min(outcome.ack, last.n));
        else queue.failures = 0;
        return;
      case 'gap':
        // A server expects only reports that it does not have. Any other number comes from a server with other data.
        if (outcome.expected <= queue.ackedN || outcome.expected > queue.lastN + 1)
          return abandon(queue, 'the server expects an unknown report');
        return acknowledge(queue, outcome.expected - 1);
      case 'rejected':
        if (durable.length > 0 && count > 1) queue.isIsolating = true;
        else if (last) replace(queue, last.n);
    }
  }

  /** Applies decisions. Skips one that cannot be stored, since the server also sends it in a separate request. */
  function decide({ request: { taskId } }: TaskQueue, decisions: CallbackAck['decisions'] = []) {
    for (const { approvalId, decision } of decisions) {
      try {
        onDecision(approvalId, decision);
      } catch (error) {
        log.warn({ taskId, approvalId, err: error }, 'a decision could not be stored');
      }
    }
  }

  function retry(queue: TaskQueue, { waitMs, cause }: { waitMs?: number; cause: string }) {
    const { taskId } = queue.request;
    if (Date.now() > queue.knownUntil) return abandon(queue, 'retry window expired');
    const delayMs = Math.min(BACKOFF.maxMs, BACKOFF.firstMs * 2 ** queue.failures++);
    queue.notBefore = performance.now() + (waitMs ?? delayMs * (0.5 + Math.random() / 2));
    log.warn({ taskId, cause, failures: queue.failures }, 'callback failed and will be retried');
  }

  function acknowledge(queue: TaskQueue, n: number) {
    if (n <= queue.ackedN) return retry(queue, { cause: 'no progress was acknowledged' });
    queue.failures = 0;
    store.acknowledge(queue.request.taskId, n);
    queue.ackedN = n;
    if (queue.state === 'ended' && queue.ackedN === queue.lastN) finish(queue);
  }

  /** Replaces a rejected report with an error that ends the task, since later reports would be rejected as well. */
  function replace(queue: TaskQueue, n: number) {
    const { taskId } = queue.request;
    log.error({ taskId, n }, 'the server rejected a report');
    if (queue.isReplaced) return abandon(queue, 'its final report was rejected');
    const detail = 'The server rejected a report of this task, so the task was stopped.';
    store.endWith(taskId, { type: 'error', n, status: 'FAILED', reason: 'AGENT_ERROR', detail, text: '' });
    Object.assign(queue, { state: 'ended', lastN: n, unsaved: [], isReplaced: true });
    onAbandon(taskId);
  }

  function abandon(queue: TaskQueue, cause: string) {
    log.warn({ taskId: queue.request.taskId, cause }, 'gave up delivering the reports of a task');
    finish(queue);
    onAbandon(queue.request.taskId);
  }

  /** Sends a task's reports to another server, which has taken over the task. */
  function redirect({ taskId, callbackUrl, callbackToken, attachments }: TaskRequest) {
    const queue = queues.get(taskId);
    if (!queue || queue.request.callbackUrl === callbackUrl) return;
    const request = { ...queue.request, callbackUrl, callbackToken, attachments };
    store.redirect(request);
    Object.assign(queue, { request, failures: 0, notBefore: 0 });
    schedule(queue);
  }

  function finish(queue: TaskQueue) {
    clearTimeout(queue.timer);
    clearTimeout(queue.saveTimer);
    queues.delete(queue.request.taskId);
    store.markDone(queue.request.taskId);
  }

  function save(queue: TaskQueue) {
    clearTimeout(queue.saveTimer);
    try {
      store.append(queue.request.taskId, queue.unsaved, queue.state);
      queue.unsaved = [];
    } catch (error) {
      log.error(
        { taskId: queue.request.taskId, err: error },
        'a report could not be written to disk, and stays in memory for now',
      );
      queue.saveTimer = setTimeout(() => save(queue), DISK_RETRY_MS);
    }
    schedule(queue);
  }

  /** Delivers the stored reports. Those that fail stay on disk for the next start. */
  async function flush() {
    const until = performance.now() + FLUSH_MS;
    const isDeliverable = (queue: TaskQueue) => hasDurable(queue) && queue.failures === 0;
    while (performance.now() < until && [...queues.values()].some(isDeliverable))
      await Promise.race([...posts, after(DELTA_INTERVAL_MS)]);
  }

  let closed: Promise<void> | undefined;
  async function close() {
    await flush();
    closing.abort();
    for (const queue of queues.values()) {
      clearTimeout(queue.timer);
      clearTimeout(queue.saveTimer);
    }
    await Promise.all(posts);
    store.close();
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
      else redirect(request);
      return isNew;
    },
    /** Queues a report. Reports of an ended or unknown task are ignored. */
    report(taskId: string, report: NewReport) {
      const queue = queues.get(taskId);
      if (!queue || queue.state === 'ended') return;
      if (report.type === 'text' || report.type === 'progress' || report.type === 'heartbeat') {
        queue.deltas.put(report);
        return schedule(queue);
      }
      queue.lastN += 1;
      queue.state = isEnd(report) ? 'ended' : 'running';
      queue.unsaved.push({ ...report, n: queue.lastN });
      save(queue);
    },
    /** Returns the state of a known task. */
    find(taskId: string): TaskState | undefined {
      const task = queues.get(taskId) ?? store.find(taskId);
      const callbackFailing = (queues.get(taskId)?.failures ?? 0) > 0;
      return task && { taskId, state: task.state, lastN: task.lastN, ackedN: task.ackedN, callbackFailing };
    },
    /** Returns the current request of a task with undelivered reports; its callback address may have changed. */
    findRequest: (taskId: string) => queues.get(taskId)?.request,
    /** Lists the tasks that have not ended, in the order they were accepted. */
    listUnended: () => [...queues.values()].filter(({ state }) => state !== 'ended').map(({ request }) => request),
    /** Returns whether a task has not ended, or its reports have not all been delivered. */
    hasOpenTasks: () => queues.size > 0,
    /** Delivers the stored reports first, unless the server is unavailable. */
    close: () => (closed ??= close()),
  };
}

const isEnd = ({ type }: { type: string }) => type === 'completed' || type === 'error';

/** Returns the reports that fit into one body, at least one: the server rejects one that is too large. */
function takeBatch(reports: DurableReport[]) {
  let units = 0;
  const fit = reports.findIndex((report, index) => {
    units += JSON.stringify(report).length;
    return units > MAX_BATCH_UNITS && index > 0;
  });
  return fit < 0 ? reports : reports.slice(0, fit);
}
