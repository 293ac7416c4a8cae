import type { CallbackAck, DurableReport, Report, TaskRequest, TaskState } from '@it0/contracts/bridge';
import type { ApprovalDecision } from '@it0/contracts/chat-event';
import { limits } from '@it0/contracts/limits';
import type { Logger } from 'pino';
import { deliver, type Outcome } from './delivery.ts';
import { createDeltaBuffer, type DeltaBuffer } from './delta-buffer.ts';
import type { NewReport } from './engines/engine.ts';
import { type OpenTask, openStore } from './outbox-store.ts';

export type Outbox = ReturnType<typeof createOutbox>;
export type OutboxOptions = {
  dir: string;
  log: Logger;
  /** The server wants nothing more of this task. */
  onAbandon(taskId: string): void;
  /** Called for each decision in the response to a callback. */
  onDecision(approvalId: string, decision: ApprovalDecision): void;
};

const paceMs = 40;
const heartbeatMs = 10_000;
const diskRetryMs = 1_000;
/** How long a closing outbox waits for the delivery of what is on disk. */
const flushMs = 2_000;
const backoff = { firstMs: 200, mostMs: 10_000 };
/** How long after its deadline a task's reports are still tried; its token lives no longer. */
const retryWindowMs = 24 * 3_600_000;
/** In UTF-16 units of JSON, each of which may be three bytes: a batch stays below `limits.callbackBytes`. */
const batchUnits = limits.callbackBytes / 4;

/** What is on its way for one task. `lastN` counts the unsaved reports too. */
type Line = OpenTask & {
  latest: DeltaBuffer;
  /** Durable reports the disk has refused so far; they are not sent before it took them. */
  unsaved: DurableReport[];
  posting: boolean;
  /** A body was refused: reports go one by one, to find which. */
  singly: boolean;
  replaced: boolean;
  failures: number;
  lastPostAt: number;
  notBefore: number;
  timer?: NodeJS.Timeout;
  diskTimer?: NodeJS.Timeout;
};

/**
 * Carries reports to the server. Durable ones are on disk before they are sent, go in order, and are retried for as
 * long as anyone can want them; of text and progress only the latest state goes, at most 25 times a second. One
 * callback of a task is under way at a time. Made again on the same folder, it goes on where it was.
 */
export function createOutbox({ dir, log, onAbandon, onDecision }: OutboxOptions) {
  const store = openStore(dir);
  const lines = new Map<string, Line>();
  const closing = new AbortController();
  const posts = new Set<Promise<void>>();
  let settled = Promise.withResolvers<void>();

  function open(task: OpenTask) {
    const line: Line = {
      ...task,
      latest: createDeltaBuffer(),
      unsaved: [],
      posting: false,
      singly: false,
      replaced: false,
      failures: 0,
      lastPostAt: performance.now(),
      notBefore: 0,
    };
    lines.set(task.request.taskId, line);
    schedule(line);
  }

  const hasDurable = (line: Line) => line.lastN - line.unsaved.length > line.ackedN;

  function schedule(line: Line) {
    clearTimeout(line.timer);
    if (line.posting || closing.signal.aborted || !lines.has(line.request.taskId)) return;
    if (line.state === 'ended' && !hasDurable(line)) return;
    const due = hasDurable(line) ? 0 : line.lastPostAt + (line.latest.isEmpty() ? heartbeatMs : paceMs);
    line.timer = setTimeout(
      () => {
        const post = postNext(line)
          .catch((error) => pause(line, error))
          .finally(() => {
            posts.delete(post);
            settled.resolve();
            settled = Promise.withResolvers();
          });
        posts.add(post);
      },
      Math.max(0, Math.max(due, line.notBefore) - performance.now()),
    );
  }

  async function postNext(line: Line) {
    const durable = withinOneBody(store.listUnacknowledged(line.request.taskId, line.singly ? 1 : 100));
    // The end carries the whole text, and a report under suspicion goes alone.
    const alone = durable.length > 0 && (line.singly || isEnd(durable.at(-1)!));
    const told = alone ? null : line.latest.drain();
    const events: Report[] = [...(told?.reports ?? []), ...durable];
    if (events.length === 0) events.push({ type: 'heartbeat' });
    line.posting = true;
    line.lastPostAt = performance.now();
    const outcome = await deliver(line.request, events, closing.signal);
    line.posting = false;
    if (closing.signal.aborted || !lines.has(line.request.taskId)) return;
    if (outcome.type === 'later' || outcome.type === 'gap') told?.restore();
    settle(line, outcome, durable, events.length);
    schedule(line);
  }

  /** The disk failed: what was sent may go again, which the server takes as it should. */
  function pause(line: Line, error: unknown) {
    log.error({ taskId: line.request.taskId, err: error }, 'the outbox cannot be read or written');
    line.posting = false;
    line.notBefore = performance.now() + diskRetryMs;
    schedule(line);
  }

  function settle(line: Line, outcome: Outcome, durable: DurableReport[], count: number) {
    const last = durable.at(-1);
    switch (outcome.type) {
      case 'later':
        return retry(line, outcome);
      case 'over':
        return gone(line, `HTTP ${outcome.status}`);
      case 'taken':
        decide(line, outcome.decisions);
        line.singly = false;
        if (outcome.textFrom !== undefined) line.latest.resendFrom(outcome.textFrom);
        line.notBefore = 0;
        if (last) acknowledge(line, Math.min(outcome.ack, last.n));
        else line.failures = 0;
        return;
      case 'gap':
        // It only asks for what it has not got, so anything acknowledged or never made is another server's question.
        if (outcome.expected <= line.ackedN || outcome.expected > line.lastN + 1) return gone(line, 'a gap');
        return acknowledge(line, outcome.expected - 1);
      case 'refused':
        if (durable.length > 0 && count > 1) line.singly = true;
        else if (last) replace(line, last.n);
    }
  }

  /** Passes decisions on. One that cannot be stored now is skipped, since the server also sends it by another request. */
  function decide({ request: { taskId } }: Line, decisions: CallbackAck['decisions'] = []) {
    for (const { approvalId, decision } of decisions) {
      try {
        onDecision(approvalId, decision);
      } catch (error) {
        log.warn({ taskId, approvalId, err: error }, 'a decision was not kept');
      }
    }
  }

  function retry(line: Line, { waitMs, why }: { waitMs?: number; why: string }) {
    const { taskId } = line.request;
    if (Date.now() > line.knownUntil) return gone(line, 'nobody answered');
    const most = Math.min(backoff.mostMs, backoff.firstMs * 2 ** line.failures++);
    line.notBefore = performance.now() + (waitMs ?? most * (0.5 + Math.random() / 2));
    log.warn({ taskId, why, failures: line.failures }, 'callback failed and will be retried');
  }

  function acknowledge(line: Line, n: number) {
    if (n <= line.ackedN) return retry(line, { why: 'nothing was acknowledged' });
    line.failures = 0;
    store.acknowledge(line.request.taskId, n);
    line.ackedN = n;
    if (line.state === 'ended' && line.ackedN === line.lastN) finish(line);
  }

  /** A report that can never be taken ends its task, since none after it could be taken either. */
  function replace(line: Line, n: number) {
    const { taskId } = line.request;
    log.error({ taskId, n }, 'the server refused a report');
    if (line.replaced) return gone(line, 'its last report was refused');
    const detail = 'The server could not take a report of this task, so the task was stopped.';
    store.endWith(taskId, { type: 'error', n, status: 'FAILED', reason: 'AGENT_ERROR', detail, text: '' });
    Object.assign(line, { state: 'ended', lastN: n, unsaved: [], replaced: true });
    onAbandon(taskId);
  }

  function gone(line: Line, why: string) {
    log.warn({ taskId: line.request.taskId, why }, 'reports of this task are given up');
    finish(line);
    onAbandon(line.request.taskId);
  }

  /** The server that a task came from is gone, and another one asks for its reports. */
  function redirect({ taskId, callbackUrl, callbackToken, attachments }: TaskRequest) {
    const line = lines.get(taskId);
    if (!line || line.request.callbackUrl === callbackUrl) return;
    const request = { ...line.request, callbackUrl, callbackToken, attachments };
    store.redirect(request);
    Object.assign(line, { request, failures: 0, notBefore: 0 });
    schedule(line);
  }

  function finish(line: Line) {
    clearTimeout(line.timer);
    clearTimeout(line.diskTimer);
    lines.delete(line.request.taskId);
    store.markDone(line.request.taskId);
  }

  function save(line: Line) {
    clearTimeout(line.diskTimer);
    try {
      store.append(line.request.taskId, line.unsaved, line.state);
      line.unsaved = [];
    } catch (error) {
      log.error({ taskId: line.request.taskId, err: error }, 'the disk refused a report, which waits in memory');
      line.diskTimer = setTimeout(() => save(line), diskRetryMs);
    }
    schedule(line);
  }

  /** Delivers what the disk holds, unless the server does not take it now: the next start tries that again. */
  async function flush() {
    const timeout = AbortSignal.timeout(flushMs);
    const expired = new Promise<void>((resolve) => timeout.addEventListener('abort', () => resolve()));
    const isDeliverable = (line: Line) => hasDurable(line) && line.failures === 0;
    while (!timeout.aborted && [...lines.values()].some(isDeliverable)) await Promise.race([settled.promise, expired]);
  }

  let closed: Promise<void> | undefined;
  async function close() {
    await flush();
    closing.abort();
    for (const line of lines.values()) {
      clearTimeout(line.timer);
      clearTimeout(line.diskTimer);
    }
    await Promise.all(posts);
    store.close();
  }

  for (const task of store.listOpen()) open(task);

  return {
    /**
     * Takes a task, on disk when it returns. False: it was known, and only where its reports go may be new. Throws when
     * the disk refuses.
     */
    accept(request: TaskRequest) {
      const knownUntil = Date.now() + request.timeoutMs + retryWindowMs;
      const isNew = store.accept(request, knownUntil);
      if (isNew) open({ request, knownUntil, state: 'waiting', lastN: 0, ackedN: 0 });
      else redirect(request);
      return isNew;
    },
    report(taskId: string, report: NewReport) {
      const line = lines.get(taskId);
      if (!line || line.state === 'ended') return;
      if (report.type === 'text' || report.type === 'progress' || report.type === 'heartbeat') {
        line.latest.put(report);
        return schedule(line);
      }
      line.lastN += 1;
      line.state = isEnd(report) ? 'ended' : 'running';
      line.unsaved.push({ ...report, n: line.lastN });
      save(line);
    },
    find(taskId: string): TaskState | undefined {
      const task = lines.get(taskId) ?? store.find(taskId);
      const callbackFailing = (lines.get(taskId)?.failures ?? 0) > 0;
      return task && { taskId, state: task.state, lastN: task.lastN, ackedN: task.ackedN, callbackFailing };
    },
    /** A task that is not done with, as it is by now. */
    findRequest: (taskId: string) => lines.get(taskId)?.request,
    /** The tasks that have not ended, in the order they came. */
    listUnended: () => [...lines.values()].filter(({ state }) => state !== 'ended').map(({ request }) => request),
    /** Whether the server has not got all reports of each task. */
    hasUndelivered: () => lines.size > 0,
    /** A report that the server takes now is delivered first. */
    close: () => (closed ??= close()),
  };
}

const isEnd = ({ type }: { type: string }) => type === 'completed' || type === 'error';

/** As many reports as fit one body; at least one, so that one too big meets its refusal. */
function withinOneBody(reports: DurableReport[]) {
  let units = 0;
  const fit = reports.findIndex((report, index) => {
    units += JSON.stringify(report).length;
    return units > batchUnits && index > 0;
  });
  return fit < 0 ? reports : reports.slice(0, fit);
}
