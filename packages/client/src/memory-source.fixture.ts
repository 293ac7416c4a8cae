import type { Attachment } from '@it0/contracts/attachment';
import type { ChatEvent } from '@it0/contracts/chat-event';
import type { Reason } from '@it0/contracts/reasons';
import { TRPCClientError } from '@trpc/client';
import type { ChatSource, EventSink, ShownApproval } from './chat-source.ts';
import type { LocalFile, Upload } from './draft-files.ts';
import { SessionLog } from './session-log.fixture.ts';

/** The error of a request that the server refused; without a reason, of one that nobody answered. */
export const refusal = (reason: Reason | null) => {
  const error = { message: 'refused', code: -32_000, data: { reason } };
  return reason ? TRPCClientError.from({ error }) : TRPCClientError.from(new TypeError('fetch failed'));
};

/** A server in memory: sessions made by their first message, and streams that can be cut. */
export class MemorySource implements ChatSource {
  readonly sessions = new Map<string, SessionLog>();
  readonly subscriptions: { sessionId: string; seq: number; sink: EventSink; open: boolean }[] = [];
  readonly calls: string[] = [];
  readonly tasks = new Map<string, { sessionId: string; taskId: string }>();
  /** What the next requests answer instead: each is used once. */
  readonly failing: unknown[] = [];
  /** The same for messages that are taken, though their answer is lost. */
  readonly losing: unknown[] = [];
  pageSize = 50;
  /** The files that were uploaded, and with which messages they came. */
  readonly uploads: { file: LocalFile; stop: AbortSignal }[] = [];
  readonly attached = new Map<string, string[]>();
  readonly #kept: Attachment[] = [];

  readonly upload: Upload = async (file, { onProgress, signal }) => {
    this.uploads.push({ file, stop: signal });
    onProgress(0.5);
    await this.#enter('upload');
    const id = `a${this.#kept.length + 1}`;
    const kept = { id, name: file.name, mediaType: 'text/plain', size: file.size };
    this.#kept.push(kept);
    return kept;
  };
  #gate: Promise<void> = Promise.resolve();

  /** From now on requests wait; returns what lets them through. */
  hold() {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#gate = promise;
    return resolve;
  }

  async #enter(call: string) {
    this.calls.push(call);
    await this.#gate;
    const error = this.failing.shift();
    if (error) throw error;
  }

  session(id: string) {
    const log = this.sessions.get(id) ?? new SessionLog();
    this.sessions.set(id, log);
    return log;
  }

  /** Writes to a session's log and tells whoever follows it. */
  emit(sessionId: string, ...[taskId, ...events]: Parameters<SessionLog['append']>) {
    this.send(sessionId, this.session(sessionId).append(taskId, ...events));
  }

  send(sessionId: string, batch: ChatEvent[]) {
    for (const { sink } of this.following(sessionId)) sink.onBatch(batch);
  }

  following(sessionId: string) {
    return this.subscriptions.filter((one) => one.open && one.sessionId === sessionId);
  }

  async createTask({
    sessionId = `s${this.sessions.size}`,
    message,
    requestId,
    attachmentIds = [],
  }: Parameters<ChatSource['createTask']>[0]) {
    await this.#enter(`createTask ${message}`);
    const known = this.tasks.get(requestId);
    if (known) return known;
    const task = { sessionId, taskId: `t${this.tasks.size}` };
    this.tasks.set(requestId, task);
    const log = this.session(sessionId);
    if (attachmentIds.length > 0) this.attached.set(task.taskId, attachmentIds);
    const attachments = this.#kept.filter(({ id }) => attachmentIds.includes(id));
    this.send(sessionId, log.ask(task.taskId, requestId, message, attachments));
    const error = this.losing.shift();
    if (error) throw error;
    return task;
  }

  async messages({ sessionId, cursor }: Parameters<ChatSource['messages']>[0]) {
    await this.#enter(`messages ${sessionId}`);
    const log = this.sessions.get(sessionId);
    if (!log) throw refusal('SESSION_NOT_FOUND');
    return log.history({ cursor, limit: this.pageSize });
  }

  onEvent({ sessionId, seq }: Parameters<ChatSource['onEvent']>[0], sink: EventSink) {
    const subscription = { sessionId, seq, sink, open: true };
    this.subscriptions.push(subscription);
    sink.onConnection(true);
    const missed = this.session(sessionId).after(seq);
    if (missed.length > 0) sink.onBatch(missed);
    return {
      unsubscribe() {
        subscription.open = false;
      },
    };
  }

  listSessions = async () => ({ items: [], nextCursor: null });
  cancel = async (taskId: string) => this.#enter(`cancel ${taskId}`);
  decide = async ({ approvalId }: ShownApproval, decision: string) => this.#enter(`decide ${approvalId} ${decision}`);
}
