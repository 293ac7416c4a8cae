import type { Attachment } from '@it0/contracts/attachment';
import type { ChatEvent } from '@it0/contracts/chat-event';
import type { Reason } from '@it0/contracts/reasons';
import { TRPCClientError } from '@trpc/client';
import type { ApprovalToDecide, ChatSource, Draft, DraftInput, EventSink, Page } from './chat-source.ts';
import type { LocalFile, Upload } from './draft/draft-files.ts';
import { SessionLog } from './session-log.fixture.ts';

/** Creates the error of a failed request. It is a network error when the reason is null. */
export const requestError = (reason: Reason | null) => {
  const error = { message: 'error', code: -32_000, data: { reason } };
  return reason ? TRPCClientError.from({ error }) : TRPCClientError.from(new TypeError('fetch failed'));
};

/** In-memory server for one chat. Sessions are created by their first message. */
export class MemorySource implements ChatSource {
  readonly sessions = new Map<string, SessionLog>();
  readonly subscriptions: { sessionId: string; seq: number; sink: EventSink; open: boolean }[] = [];
  readonly calls: string[] = [];
  readonly tasks = new Map<string, { sessionId: string; taskId: string; branch: number }>();
  /** Errors of the next requests, each thrown once. */
  readonly errors: unknown[] = [];
  /** Errors thrown after a task was created or a draft saved, as when the response is lost. Each is thrown once. */
  readonly lostResponses: unknown[] = [];
  pageSize = 50;
  readonly uploads: { file: LocalFile; signal: AbortSignal }[] = [];
  readonly drafts = new Map<string | null, Draft>();
  readonly #draftSinks = new Set<{ sessionId: string | null; onData(draft: Draft): void }>();
  /** Attachment ids by task id. */
  readonly attached = new Map<string, string[]>();
  readonly #attachments: Attachment[] = [];

  readonly upload: Upload = async (file, { onProgress, signal }) => {
    this.uploads.push({ file, signal });
    onProgress(0.5);
    await this.#enter('upload');
    const id = `a${this.#attachments.length + 1}`;
    const attachment = { id, name: file.name, mediaType: 'text/plain', size: file.size };
    this.#attachments.push(attachment);
    return attachment;
  };
  #gate: Promise<void> = Promise.resolve();

  /** Blocks all requests from now on, and returns a function that releases them. */
  hold() {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#gate = promise;
    return resolve;
  }

  async #enter(call: string) {
    this.calls.push(call);
    await this.#gate;
    const error = this.errors.shift();
    if (error) throw error;
  }

  session(id: string) {
    const log = this.sessions.get(id) ?? new SessionLog();
    this.sessions.set(id, log);
    return log;
  }

  /** Appends events to a session's log and sends them to its subscribers. */
  emit(sessionId: string, ...[taskId, ...events]: Parameters<SessionLog['append']>) {
    this.send(sessionId, this.session(sessionId).append(taskId, ...events));
  }

  send(sessionId: string, batch: ChatEvent[]) {
    for (const { sink } of this.following(sessionId)) sink.onBatch(batch);
  }

  following(sessionId: string) {
    return this.subscriptions.filter((subscription) => subscription.open && subscription.sessionId === sessionId);
  }

  async createTask({
    sessionId = `s${this.sessions.size}`,
    message,
    requestId,
    attachmentIds = [],
    draftRevision,
    ...target
  }: Parameters<ChatSource['createTask']>[0]) {
    await this.#enter(`createTask ${message}`);
    const existing = this.tasks.get(requestId);
    if (existing) return existing;
    const scope = this.sessions.has(sessionId) ? sessionId : null;
    if (draftRevision !== undefined && this.draft(scope).revision === draftRevision)
      this.writeDraft(scope, { text: '', attachments: [] });
    const log = this.session(sessionId);
    const taskId = `t${Math.max(this.tasks.size, log.questions.length)}`;
    if (attachmentIds.length > 0) this.attached.set(taskId, attachmentIds);
    const attachments = this.#attachments.filter(({ id }) => attachmentIds.includes(id));
    const events = log.ask(taskId, requestId, message, { attachments, ...target });
    const task = { sessionId, taskId, branch: log.selectedBranch };
    this.tasks.set(requestId, task);
    this.send(sessionId, events);
    const error = this.lostResponses.shift();
    if (error) throw error;
    return task;
  }

  async messages({ sessionId, ...page }: Page) {
    await this.#enter(`messages ${sessionId}`);
    const log = this.sessions.get(sessionId);
    if (!log) throw requestError('SESSION_NOT_FOUND');
    return { ...log.history({ ...page, limit: this.pageSize }), draft: this.drafts.get(sessionId) ?? null };
  }

  draft = (sessionId: string | null) => this.drafts.get(sessionId) ?? { text: '', attachments: [], revision: 0 };

  /** Writes a draft as another device does. */
  writeDraft(sessionId: string | null, content: Pick<Draft, 'text' | 'attachments'>) {
    const draft = { ...content, revision: this.draft(sessionId).revision + 1 };
    this.drafts.set(sessionId, draft);
    for (const sink of this.#draftSinks) if (sink.sessionId === sessionId) sink.onData(draft);
    return draft;
  }

  saveDraft = async ({ sessionId, text, attachmentIds, revision }: DraftInput) => {
    await this.#enter(`saveDraft ${text}`);
    const current = this.draft(sessionId);
    if (current.revision !== revision && current.revision > 0) return { revision: current.revision, other: current };
    const attachments = this.#attachments.filter(({ id }) => attachmentIds.includes(id));
    const { revision: saved } = this.writeDraft(sessionId, { text, attachments });
    const error = this.lostResponses.shift();
    if (error) throw error;
    return { revision: saved, other: null };
  };

  onDraft(sessionId: string | null, onData: (draft: Draft) => void) {
    const sink = { sessionId, onData };
    this.#draftSinks.add(sink);
    onData(this.draft(sessionId));
    return { unsubscribe: () => void this.#draftSinks.delete(sink) };
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

  async selectBranch({ sessionId, taskId }: { sessionId: string; taskId: string }) {
    await this.#enter(`selectBranch ${taskId}`);
    const branch = this.session(sessionId).findBranch(taskId);
    if (branch !== undefined) this.emit(sessionId, taskId, { type: 'branch', branch });
  }

  listSessions = async () => ({ items: [], nextCursor: null });
  editQueued = async ({ taskId }: { taskId: string }) => this.#enter(`editQueued ${taskId}`);
  moveQueued = async (taskId: string, beforeTaskId: string | null) =>
    this.#enter(`moveQueued ${taskId} ${beforeTaskId}`);
  sendQueuedNow = async (taskId: string) => this.#enter(`sendQueuedNow ${taskId}`);
  cancel = async (taskId: string) => this.#enter(`cancel ${taskId}`);
  decide = async ({ approvalId }: ApprovalToDecide, decision: string) =>
    this.#enter(`decide ${approvalId} ${decision}`);
}
