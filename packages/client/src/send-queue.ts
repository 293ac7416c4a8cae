import type { Attachment } from '@it0/contracts/attachment';
import { v7 as uuid } from 'uuid';
import type { ChatSource } from './chat-source.ts';
import type { ChatWindow } from './chat-window.ts';
import { getReason, isTransient } from './errors.ts';
import { acceptOutgoing, type Chat, emptyChat, type Outgoing, removeOutgoing, updateOutgoing } from './reduce-chat.ts';
import type { Schedule } from './schedule.ts';

/** An existing or new session with its unsent messages. */
export type Thread = {
  /** Identifies the thread. Unlike `sessionId`, it does not change when a new session gets its id. */
  key: string;
  /** Null until the first message has created the session. */
  sessionId: string | null;
  chat: Chat;
  /** Older part of the session that is shown instead of its end; null at the end. */
  window: ChatWindow | null;
};

/** Creates the thread of a session, or of a new one. */
export const createThread = (sessionId: string | null): Thread => ({
  ...{ key: uuid(), sessionId, chat: emptyChat, window: null },
});

/** Revision of a draft, which may have to be awaited. */
type DraftRevision = Promise<number | undefined> | number | undefined;
/** A message with its files, the draft that it was, and the task of another version of it. */
export type NewMessage = {
  text: string;
  attachments: Attachment[];
  draftRevision?: DraftRevision;
  versionOf?: string;
};

/** Connections of a send queue. */
export type SendQueueOptions = {
  createTask: ChatSource['createTask'];
  /** Schedule of a retry after a transient error. `attempt` starts at 0. */
  retry(attempt: number): Schedule;
  /** Applies a change to the chat of a thread. */
  update(thread: Thread, change: (chat: Chat) => Chat): void;
  /** Called when the server has a message. */
  onAccepted(thread: Thread): void;
  /** Assigns the id of the session that the first message of a thread has created. */
  onSession(thread: Thread, sessionId: string): void;
  /** Returns the time in milliseconds; `Date.now` by default. */
  now?(): number;
};

/** The branch that a message continues: the one that is shown, if the session is loaded. */
export const toBranch = ({ seq, branch }: Chat) => (seq > 0 ? { branch } : {});

/** Automatic retries of a message, which take a few seconds, before it fails or is shown as waiting for the server. */
const MAX_RETRIES = 4;
/**
 * Time for which a message waits while the server cannot be reached. After a longer time, such as a night in a closed
 * laptop, the person may no longer want the message to be sent.
 */
const MAX_OFFLINE_MS = 10 * 60_000;

/**
 * Creates the queue of the unsent messages of all threads of a chat. Those of one thread are sent one after another.
 * A failed message blocks the next ones until it is resent or withdrawn. While the server cannot be reached, a message
 * waits, and is sent when the server is back.
 */
export function createSendQueue({ createTask, retry, update, onAccepted, onSession, ...options }: SendQueueOptions) {
  const { now = Date.now } = options;
  const sending = new Set<Thread>();
  /** Messages that were withdrawn while they waited for a retry. */
  const withdrawn = new Set<string>();
  /** Revisions of the drafts that the messages were. */
  const drafts = new Map<string, DraftRevision>();

  async function flush(thread: Thread) {
    if (sending.has(thread)) return;
    sending.add(thread);
    for (;;) {
      const [next] = thread.chat.outgoing;
      if (next?.state !== 'waiting') break;
      await deliver(thread, next);
    }
    sending.delete(thread);
  }

  async function deliver(thread: Thread, message: Outgoing) {
    const { requestId, text, attachments, versionOf } = message;
    const attachmentIds = attachments.length > 0 ? attachments.map(({ id }) => id) : undefined;
    const change = (fields: Partial<Outgoing>) => update(thread, (chat) => updateOutgoing(chat, requestId, fields));
    const start = now();
    change({ state: 'sending' });
    const revision = drafts.get(requestId);
    const draftRevision = revision instanceof Promise ? await revision : revision;
    for (let attempt = 0; ; attempt++) {
      try {
        const target = thread.sessionId ? { sessionId: thread.sessionId, versionOf, ...toBranch(thread.chat) } : {};
        const request = { ...target, message: text, requestId, attachmentIds, draftRevision };
        const { sessionId, ...task } = await createTask(request);
        update(thread, (chat) => acceptOutgoing(chat, message, task));
        drafts.delete(requestId);
        onAccepted(thread);
        if (!thread.sessionId) onSession(thread, sessionId);
        return;
      } catch (error) {
        const reason = getReason(error);
        const isOffline = reason === null;
        if (!isTransient(reason) || (!isOffline && attempt >= MAX_RETRIES)) return change({ state: 'failed', reason });
        if (isOffline && attempt >= MAX_RETRIES) change({ state: 'offline' });
        await new Promise<void>((resolve) => retry(attempt)(resolve));
        if (withdrawn.delete(requestId)) return;
        if (now() - start > MAX_OFFLINE_MS) return change({ state: 'failed', reason });
        change({ state: 'sending' });
      }
    }
  }

  return {
    /**
     * Adds a message, which is sent after those before it. `draftRevision` is that of the draft it was, and `versionOf`
     * the task of another version of it.
     */
    add(thread: Thread, { draftRevision, ...content }: NewMessage) {
      const [requestId, createdAt] = [uuid(), new Date().toISOString()];
      const message: Outgoing = { ...content, requestId, createdAt, state: 'waiting', reason: null };
      if (draftRevision !== undefined) drafts.set(requestId, draftRevision);
      update(thread, (chat) => ({ ...chat, outgoing: [...chat.outgoing, message] }));
      void flush(thread);
    },
    /** Sends a failed message again with the same `requestId`, so that the server creates its task only once. */
    resend(thread: Thread, requestId: string) {
      update(thread, (chat) => updateOutgoing(chat, requestId, { state: 'waiting', reason: null }));
      void flush(thread);
    },
    /** Removes a message and returns it, unless it is being sent or has been sent. */
    withdraw(thread: Thread, requestId: string): Outgoing | undefined {
      const message = thread.chat.outgoing.find((item) => item.requestId === requestId && item.state !== 'sending');
      if (!message) return;
      if (message.state === 'offline') withdrawn.add(requestId);
      drafts.delete(requestId);
      update(thread, (chat) => removeOutgoing(chat, requestId));
      void flush(thread);
      return message;
    },
  };
}
