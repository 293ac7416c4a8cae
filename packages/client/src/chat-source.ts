import type { AppRouter } from '@it0/api/router';
import type { ApprovalDecision, Batch } from '@it0/contracts/chat-event';
import type { ApprovalStep } from '@it0/contracts/message';
import type { inferRouterInputs, inferRouterOutputs } from '@trpc/server';
import type { Client } from './client.ts';
import type { Upload } from './draft/draft-files.ts';
import { LocalError } from './errors.ts';

type Input = inferRouterInputs<AppRouter>;
type Output = inferRouterOutputs<AppRouter>;

/** An agent as `instance.list` returns it, with its status. */
export type Instance = Output['instance']['list'][number];
/** The status of iAgent. */
export type Assistant = Output['assistant']['status'];
/** One page of a session list; `nextCursor` is null on the last one. */
export type SessionPage = Output['instance']['sessions'];
/** One entry of a session list. */
export type Session = SessionPage['items'][number];
/** List of sessions: of active, archived or deleted ones. */
export type SessionList = NonNullable<Input['assistant']['sessions']['list']>;
/** An approval in the list of all pending ones, with the agent, session and person it belongs to. */
export type PendingApproval = Output['approval']['pending']['approvals'][number];
/** One page of a session's messages, its open replies, and the `seq` of the last event that they include. */
export type History = Output['session']['messages'];

/** The message that the user is writing, as the server has it. */
export type Draft = Output['draft']['get'];
/** Result of a save of a draft. */
export type SavedDraft = Output['draft']['save'];
/** A draft to save. The `sessionId` is null for a new session. */
export type DraftInput = { sessionId: string | null; text: string; attachmentIds: string[]; revision: number };

/** A saved prompt, of the user or shared with all members. */
export type Prompt = Output['prompt']['list'][number];

/** Position of a page in a session; see `session.messages`. `limit` defaults to 50. */
export type Page = Input['session']['messages'];

/** Callbacks of a subscription to one session. */
export type EventSink = {
  /** Receives the events of one batch in order. */
  onBatch(batch: Batch): void;
  /** False while the connection is lost. Missed events are delivered after the reconnect. */
  onConnection(live: boolean): void;
  /** Called once at the end of the stream, with its error, or with null when the server closed it. */
  onEnd(error: unknown): void;
};

/** An approval as it is shown to the person who decides. */
export type ApprovalToDecide = Pick<
  ApprovalStep,
  'approvalId' | 'kind' | 'command' | 'agentConfiguration' | 'allowedDecisions'
> & {
  cwd?: string | null;
  content?: string | null;
  warning?: string | null;
};

/**
 * Builds the input of `approval.resolve`. It includes the approval as it was shown, so that the server can refuse the
 * decision if the request has changed (`APPROVAL_CHANGED`).
 */
export const toDecisionInput = (
  { approvalId, kind, command, cwd, content, agentConfiguration, warning, allowedDecisions }: ApprovalToDecide,
  decision: ApprovalDecision,
): Input['approval']['resolve'] => ({
  approvalId,
  decision,
  seen: {
    ...{ kind, command, agentConfiguration, allowedDecisions },
    ...{ cwd: cwd ?? undefined, content: content ?? undefined, warning: warning ?? undefined },
  },
});

/** The server as one chat uses it. All promises reject with the request's error; `getReason` returns its reason. */
export interface ChatSource {
  /** Creates a task, and a session if none is given. A repeated `requestId` returns the original task. */
  createTask(task: Omit<Input['instance']['createTask'], 'instanceId'>): Promise<Output['instance']['createTask']>;
  /** Uploads a file for a later message. */
  upload: Upload;
  /** Lists sessions by their last activity, the latest first, with the pinned ones before the first page. */
  listSessions(page?: { cursor?: string; limit?: number; list?: SessionList }): Promise<SessionPage>;
  /**
   * Returns the newest page of a session, the one next to `cursor`, or the one `around` a message or `at` a time. If
   * there is no such message, this is the newest one with `anchor: null`. Rejects with `SESSION_NOT_FOUND`.
   */
  messages(page: Page): Promise<History>;
  /** Subscribes to the events after `seq`, in order. Resumes by itself after a lost connection. */
  onEvent(from: { sessionId: string; seq: number }, sink: EventSink): { unsubscribe(): void };
  /** Selects the branch of a session of the user that has the message of a task. */
  selectBranch(version: Input['session']['selectBranch']): Promise<unknown>;
  /** Saves a draft, unless another device has saved one since its `revision`. */
  saveDraft(draft: DraftInput): Promise<SavedDraft>;
  /** Subscribes to the draft of a session, or of a new one: as it is, and after every change. */
  onDraft(sessionId: string | null, onData: (draft: Draft) => void): { unsubscribe(): void };
  /** Changes a message that waits behind another one. Rejects with `TASK_STARTED` once it is sent to the agent. */
  editQueued(change: Input['queue']['edit']): Promise<unknown>;
  /** Moves a message that waits before another one; to the end without one. */
  moveQueued(taskId: string, beforeTaskId: string | null): Promise<unknown>;
  /** Cancels the running task, and sends a message that waits next. */
  sendQueuedNow(taskId: string): Promise<unknown>;
  /** Cancels a task. Rejects with `TASK_ENDED` if it has already ended. */
  cancel(taskId: string): Promise<unknown>;
  /** Decides an approval. Rejects with `APPROVAL_CHANGED` if it differs from the one that was shown. */
  decide(approval: ApprovalToDecide, decision: ApprovalDecision): Promise<unknown>;
}

/** Creates the source of the user's own sessions with iAgent. */
export const createAssistantSource = (trpc: Client, upload: Upload): ChatSource => ({
  ...createDraftSource(trpc),
  upload,
  createTask: (task) => trpc.assistant.createTask.mutate(task),
  listSessions: (page = {}) => trpc.assistant.sessions.query(page),
  messages: (page) => fetchMessages(trpc, null, page),
  onEvent: ({ sessionId, seq }, sink) =>
    trpc.session.onEvent.subscribe(
      { sessionId, lastEventId: String(seq) },
      {
        onData: ({ data }) => sink.onBatch(data),
        onConnectionStateChange: ({ state }) => sink.onConnection(state === 'pending'),
        onError: (error) => sink.onEnd(error),
        onComplete: () => sink.onEnd(null),
      },
    ),
  selectBranch: (version) => trpc.session.selectBranch.mutate(version),
  editQueued: (change) => trpc.queue.edit.mutate(change),
  moveQueued: (taskId, beforeTaskId) => trpc.queue.move.mutate({ taskId, beforeTaskId }),
  sendQueuedNow: (taskId) => trpc.queue.sendNow.mutate({ taskId }),
  cancel: (taskId) => trpc.task.cancel.mutate({ taskId }),
  decide: (approval, decision) => trpc.approval.resolve.mutate(toDecisionInput(approval, decision)),
});

/** Creates the source of the sessions with one instance, including those of other people that the user may read. */
export const createInstanceSource = (trpc: Client, upload: Upload, instanceId: string): ChatSource => ({
  ...createAssistantSource(trpc, upload),
  ...createDraftSource(trpc, instanceId),
  createTask: (task) => trpc.instance.createTask.mutate({ instanceId, ...task }),
  listSessions: (page) => trpc.instance.sessions.query({ instanceId, ...page }),
  messages: (page) => fetchMessages(trpc, instanceId, page),
});

/** Fetches a page, and refuses a session that belongs to another agent. */
async function fetchMessages(trpc: Client, instanceId: string | null, page: Page) {
  const history = await trpc.session.messages.query(page);
  if (history.instanceId !== instanceId) throw new LocalError('SESSION_NOT_FOUND');
  return history;
}

/** Returns the input that identifies the draft of a session, or of a new session with an agent. */
export const toDraftScope = (sessionId: string | null, instanceId?: string) =>
  sessionId ? { sessionId } : { instanceId };

const createDraftSource = (trpc: Client, instanceId?: string): Pick<ChatSource, 'saveDraft' | 'onDraft'> => ({
  saveDraft: ({ sessionId, ...draft }) => trpc.draft.save.mutate({ ...toDraftScope(sessionId, instanceId), ...draft }),
  onDraft: (sessionId, onData) => trpc.draft.onChange.subscribe(toDraftScope(sessionId, instanceId), { onData }),
});
