import type {
  CallbackAck,
  DurableReport,
  EphemeralReport,
  Report,
  TaskRequest,
  TaskState,
} from '@it0/contracts/bridge';
import type { ApprovalDecision } from '@it0/contracts/chat-event';
import { delay } from '@it0/node/delay';
import type { Logger } from 'pino';
import { type DeliveryOutcome, deliver } from './delivery.ts';
import { DeliverySchedule } from './delivery-schedule.ts';
import { createDeltaBuffer } from './delta-buffer.ts';
import type { NewReport } from './engines/engine.ts';
import type { OpenTask, OutboxStore } from './outbox-store.ts';
import { DISK_RETRY_MS, isEnd, TaskReports } from './task-reports.ts';

export type TaskQueueOptions = {
  task: OpenTask;
  store: OutboxStore;
  log: Logger;
  /** Called for each decision in the response to a callback. */
  onDecision(approvalId: string, decision: ApprovalDecision): void;
  /** Called when the server no longer accepts reports of the task. */
  onAbandon(): void;
  /** Called when the server has all reports, or no longer accepts them. */
  onFinish(): void;
};

/** The delivery has nothing to send, waits for the time of the next callback, has one in flight, or is over. */
type Delivery =
  | { state: 'idle' | 'closed' }
  | { state: 'scheduled'; timer: NodeJS.Timeout }
  | { state: 'posting'; done: Promise<void> };

/**
 * The way in which durable reports are sent. `isolating`: the server rejected a batch, so reports are sent one at a
 * time, to find the invalid one. `replaced`: it was replaced with an error that ends the task.
 */
type Mode = 'batching' | 'isolating' | 'replaced';

const DELTA_INTERVAL_MS = 40;
const HEARTBEAT_MS = 10_000;
const MAX_BATCH_REPORTS = 100;

const isEphemeral = (report: NewReport): report is EphemeralReport =>
  ['text', 'progress', 'model-retry', 'heartbeat'].includes(report.type);

/** The undelivered reports of one task, and their delivery. At most one callback is in flight. */
export class TaskQueue {
  readonly #options: TaskQueueOptions;
  readonly #reports: TaskReports;
  readonly #deltas = createDeltaBuffer();
  readonly #schedule = new DeliverySchedule();
  readonly #closing = new AbortController();
  #request: TaskRequest;
  #delivery: Delivery = { state: 'idle' };
  #mode: Mode = 'batching';

  constructor(options: TaskQueueOptions) {
    const { task, store, log } = options;
    const { request, knownUntil: _, ...progress } = task;
    this.#options = options;
    this.#request = request;
    this.#reports = new TaskReports({
      ...{ taskId: request.taskId, progress, store, log },
      onSave: () => this.#scheduleNext(),
    });
    this.#scheduleNext();
  }

  /** The request of the task; its callback address may have changed. */
  get request() {
    return this.#request;
  }

  get hasEnded() {
    return this.#reports.hasEnded;
  }

  get state(): TaskState {
    return { taskId: this.#request.taskId, ...this.#reports.progress, callbackFailing: this.#schedule.failures > 0 };
  }

  /** Queues a report. Reports of an ended task are ignored. */
  report(report: NewReport) {
    if (this.hasEnded || this.#delivery.state === 'closed') return;
    if (isEphemeral(report)) {
      this.#deltas.put(report);
      this.#scheduleNext();
    } else this.#reports.append(report);
  }

  /** Sends the reports to another server, which has taken over the task. */
  redirect({ callbackUrl, callbackToken, attachments }: TaskRequest) {
    if (this.#request.callbackUrl === callbackUrl) return;
    const request = { ...this.#request, callbackUrl, callbackToken, attachments };
    this.#options.store.redirect(request);
    this.#request = request;
    this.#schedule.reset();
    this.#scheduleNext();
  }

  /**
   * Delivers the stored reports, until a callback fails, the delivery is over, or `performance.now()` reaches the
   * deadline.
   */
  async flush(deadline: number) {
    const isDeliverable = () =>
      this.#delivery.state !== 'closed' && this.#reports.hasStored && this.#schedule.failures === 0;
    while (performance.now() < deadline && isDeliverable()) {
      const post = this.#delivery.state === 'posting' ? [this.#delivery.done] : [];
      await Promise.race([...post, delay(DELTA_INTERVAL_MS)]);
    }
  }

  /** Ends the delivery. Undelivered reports stay on disk. */
  async close() {
    const post = this.#delivery.state === 'posting' ? this.#delivery.done : undefined;
    this.#stop();
    await post;
  }

  #stop() {
    if (this.#delivery.state === 'scheduled') clearTimeout(this.#delivery.timer);
    this.#delivery = { state: 'closed' };
    this.#closing.abort();
    this.#reports.close();
  }

  /** Sets the time of the next callback, unless one is in flight: the next is then scheduled after it. */
  #scheduleNext() {
    if (this.#delivery.state === 'posting' || this.#delivery.state === 'closed') return;
    if (this.#delivery.state === 'scheduled') clearTimeout(this.#delivery.timer);
    const { hasStored } = this.#reports;
    if (this.hasEnded && !hasStored) {
      this.#delivery = { state: 'idle' };
      return;
    }
    const intervalMs = hasStored ? 0 : this.#deltas.isEmpty() ? HEARTBEAT_MS : DELTA_INTERVAL_MS;
    const post = () => {
      this.#delivery = { state: 'posting', done: this.#postNext().catch((error) => this.#pause(error)) };
    };
    this.#delivery = { state: 'scheduled', timer: setTimeout(post, this.#schedule.getDelayMs(intervalMs)) };
  }

  async #postNext() {
    const durable = this.#reports.readBatch(this.#mode === 'batching' ? MAX_BATCH_REPORTS : 1);
    // The final report has the whole text, so deltas are redundant. A suspect report is sent alone.
    const isAlone = durable.length > 0 && (this.#mode !== 'batching' || isEnd(durable.at(-1)!));
    const deltas = isAlone ? null : this.#deltas.drain();
    const events: Report[] = [...(deltas?.reports ?? []), ...durable];
    if (events.length === 0) events.push({ type: 'heartbeat' });
    this.#schedule.startPost();
    const outcome = await deliver(this.#request, events, this.#closing.signal);
    if (this.#delivery.state === 'closed') return;
    this.#delivery = { state: 'idle' };
    if (outcome.type === 'retry' || outcome.type === 'gap') deltas?.restore();
    this.#applyOutcome(outcome, durable, events.length);
    this.#scheduleNext();
  }

  /** Retries after a disk error. Reports may be sent twice; the server ignores duplicates. */
  #pause(error: unknown) {
    this.#options.log.error({ err: error }, 'the outbox cannot be read or written');
    if (this.#delivery.state === 'closed') return;
    this.#delivery = { state: 'idle' };
    this.#schedule.pause(DISK_RETRY_MS);
    this.#scheduleNext();
  }

  /** Applies the outcome of a callback with `count` reports, of which `durable` are durable. */
  #applyOutcome(outcome: DeliveryOutcome, durable: DurableReport[], count: number) {
    const last = durable.at(-1);
    switch (outcome.type) {
      case 'retry':
        return this.#retry(outcome);
      case 'gone':
        return this.#abandon(`HTTP ${outcome.status}`);
      case 'accepted':
        return this.#accept(outcome, last?.n);
      case 'gap':
        return this.#continueAt(outcome.expected);
      case 'rejected':
        if (durable.length > 0 && count > 1) this.#mode = 'isolating';
        else if (last) this.#replace(last.n);
    }
  }

  /** Applies the acknowledgement of a callback whose last durable report is `lastN`. */
  #accept({ ack, textFrom, decisions }: CallbackAck, lastN: number | undefined) {
    this.#decide(decisions);
    if (this.#mode === 'isolating') this.#mode = 'batching';
    if (textFrom !== undefined) this.#deltas.resendFrom(textFrom);
    if (lastN === undefined) this.#schedule.reset();
    else this.#acknowledge(Math.min(ack, lastN));
  }

  /** Applies decisions. Skips one that cannot be stored, since the server also sends it in a separate request. */
  #decide(decisions: CallbackAck['decisions'] = []) {
    for (const { approvalId, decision } of decisions) {
      try {
        this.#options.onDecision(approvalId, decision);
      } catch (error) {
        this.#options.log.warn({ approvalId, err: error }, 'a decision could not be stored');
      }
    }
  }

  /** A server expects only reports that it does not have. Any other number comes from a server with other data. */
  #continueAt(expected: number) {
    const { ackedN, lastN } = this.#reports.progress;
    if (expected <= ackedN || expected > lastN + 1) this.#abandon('the server expects an unknown report');
    else this.#acknowledge(expected - 1);
  }

  #acknowledge(n: number) {
    if (n <= this.#reports.progress.ackedN) return this.#retry({ waitMs: null, cause: 'no progress was acknowledged' });
    this.#schedule.reset();
    this.#reports.acknowledge(n);
    if (this.#reports.isDelivered) this.#finish();
  }

  #retry({ waitMs, cause }: { waitMs: number | null; cause: string }) {
    if (Date.now() > this.#options.task.knownUntil) return this.#abandon('retry window expired');
    this.#schedule.backOff(waitMs);
    this.#options.log.warn({ cause, failures: this.#schedule.failures }, 'callback failed and will be retried');
  }

  /** Replaces a rejected report with an error that ends the task, since later reports would be rejected as well. */
  #replace(n: number) {
    this.#options.log.error({ n }, 'the server rejected a report');
    if (this.#mode === 'replaced') return this.#abandon('its final report was rejected');
    const detail = 'The server rejected a report of this task, so the task was stopped.';
    this.#reports.endWith({ type: 'error', n, status: 'FAILED', reason: 'AGENT_ERROR', detail, text: '' });
    this.#mode = 'replaced';
    this.#options.onAbandon();
  }

  #abandon(cause: string) {
    this.#options.log.warn({ cause }, 'gave up delivering the reports of a task');
    this.#finish();
    this.#options.onAbandon();
  }

  #finish() {
    this.#stop();
    this.#options.onFinish();
    this.#options.store.markDone(this.#request.taskId);
  }
}
