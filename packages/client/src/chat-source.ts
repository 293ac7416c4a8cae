import type { AppRouter } from '@it0/api/router';
import type { ApprovalDecision, Batch } from '@it0/contracts/chat-event';
import type { ApprovalStep } from '@it0/contracts/message';
import type { inferRouterInputs, inferRouterOutputs } from '@trpc/server';
import type { Client } from './client.ts';
import type { Upload } from './draft-files.ts';
import { LocalError } from './errors.ts';

type Input = inferRouterInputs<AppRouter>;
type Output = inferRouterOutputs<AppRouter>;

export type Instance = Output['instance']['list'][number];
export type Assistant = Output['assistant']['status'];
export type SessionPage = Output['instance']['sessions'];
export type Session = SessionPage['items'][number];
export type PendingApproval = Output['approval']['pending']['approvals'][number];
/** One page of a session, and the `seq` it is true at. */
export type History = Output['session']['messages'];

export type EventSink = {
  onBatch(batch: Batch): void;
  /** False while the connection is lost: what is missed comes after it is back. */
  onConnection(live: boolean): void;
  /** The stream is over: with the error, or with null when the server closed it. */
  onEnd(error: unknown): void;
};

/** What somebody sees who decides. */
export type ShownApproval = Pick<
  ApprovalStep,
  'approvalId' | 'kind' | 'command' | 'agentConfiguration' | 'allowedDecisions'
> & {
  cwd?: string | null;
  content?: string | null;
  warning?: string | null;
};

/** What `approval.resolve` is told. */
export const decideApproval = (
  { approvalId, kind, command, cwd, content, agentConfiguration, warning, allowedDecisions }: ShownApproval,
  decision: ApprovalDecision,
): Input['approval']['resolve'] => ({
  approvalId,
  decision,
  seen: {
    ...{ kind, command, agentConfiguration, allowedDecisions },
    ...{ cwd: cwd ?? undefined, content: content ?? undefined, warning: warning ?? undefined },
  },
});

/** All that a chat needs of a server. Every promise rejects with the request's error: `reasonOf` tells why. */
export interface ChatSource {
  /** Asked again with the same `requestId` it answers the same and starts nothing. Without a session it makes one. */
  createTask(task: Omit<Input['instance']['createTask'], 'instanceId'>): Promise<Output['instance']['createTask']>;
  /** Uploads a file for a message to come. */
  upload: Upload;
  /** The most recently active first. */
  listSessions(page?: { cursor?: string; limit?: number }): Promise<SessionPage>;
  /** The newest page, or the one before `cursor`. */
  messages(page: { sessionId: string; cursor?: string }): Promise<History>;
  /** Everything after `seq`, in order, until unsubscribed; goes on by itself after a lost connection. */
  onEvent(from: { sessionId: string; seq: number }, sink: EventSink): { unsubscribe(): void };
  cancel(taskId: string): Promise<unknown>;
  /** Of an approval as it was shown: about anything else nothing is decided. */
  decide(approval: ShownApproval, decision: ApprovalDecision): Promise<unknown>;
}

/** One's own conversations with iAgent. */
export const iAgentSource = (trpc: Client, upload: Upload): ChatSource => ({
  upload,
  createTask: (task) => trpc.assistant.createTask.mutate(task),
  listSessions: (page = {}) => trpc.assistant.sessions.query(page),
  messages: (page) => messagesOf(trpc, null, page),
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
  cancel: (taskId) => trpc.task.cancel.mutate({ taskId }),
  decide: (approval, decision) => trpc.approval.resolve.mutate(decideApproval(approval, decision)),
});

/** The conversations with one instance. */
export const instanceSource = (trpc: Client, upload: Upload, instanceId: string): ChatSource => ({
  ...iAgentSource(trpc, upload),
  createTask: (task) => trpc.instance.createTask.mutate({ instanceId, ...task }),
  listSessions: (page) => trpc.instance.sessions.query({ instanceId, ...page }),
  messages: (page) => messagesOf(trpc, instanceId, page),
});

/** A session of somebody else than whom the chat is with is none of its sessions. */
async function messagesOf(trpc: Client, instanceId: string | null, page: { sessionId: string; cursor?: string }) {
  const history = await trpc.session.messages.query(page);
  if (history.instanceId !== instanceId) throw new LocalError('SESSION_NOT_FOUND');
  return history;
}
