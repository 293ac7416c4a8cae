import { v7 as uuid } from 'uuid';
import type { ChatSource } from './chat-source.ts';
import { getReason, isTransient } from './errors.ts';
import { acceptOutgoing, type Chat, type Outgoing, removeOutgoing, updateOutgoing } from './reduce-chat.ts';
import type { Schedule } from './schedule.ts';
import type { Thread } from './thread.ts';
import { MAX_OFFLINE_MS, type UnsentMessages } from './unsent-messages.ts';

/** A message with its files, the draft that it was, and the task of another version of it. */
export type NewMessage = Pick<Outgoing, 'text' | 'attachments' | 'draftRevision' | 'versionOf'>;

/** Connections of a send queue. */
export type SendQueueOptions = {
  createTask: ChatSource['createTask'];
  /** Stores the messages until the server has them. */
  unsent: UnsentMessages;
  /** Schedule of a retry after a transient error. `attempt` starts at 0. */
  retry(attempt: number): Schedule;
  /** Applies a change to the chat of a thread. */
  update(thread: Thread, change: (chat: Chat) => Chat): void;
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
 * Creates the queue of the unsent messages of all threads of a chat. Those of one thread are sent one after another.
 * A failed message blocks the next ones until it is resent or withdrawn. While the server cannot be reached, a message
 * waits, and is sent when the server is back.
 */
export function createSendQueue({ createTask, unsent, retry, update, onSession, ...options }: SendQueueOptions) {
  const { now = Date.now } = options;
  const sending = new Set<Thread>();
  /** Messages that were withdrawn while they waited for a retry. */
  const withdrawn = new Set<string>();

  async function flush(thread: Thread) {
    if (sending.has(thread)) return;
    sending.add(thread);
    for (;;) {
      const [next] = thread.chat.outgoing;
      if (next?.state !== 'waiting') break;
      if (!removeSettled(thread, next.requestId)) await deliver(thread, next);
    }
    sending.delete(thread);
  }

  async function deliver(thread: Thread, message: Outgoing) {
    const { requestId, text, attachments, versionOf } = message;
    const attachmentIds = attachments.length > 0 ? attachments.map(({ id }) => id) : undefined;
    const change = (fields: Partial<Outgoing>) => update(thread, (chat) => updateOutgoing(chat, requestId, fields));
    const start = now();
    change({ state: 'sending' });
    const revision = message.draftRevision;
    const draftRevision = revision instanceof Promise ? await storeRevision(requestId, revision) : revision;
    for (let attempt = 0; ; attempt++) {
      try {
        const target = thread.sessionId ? { sessionId: thread.sessionId, versionOf, ...toBranch(thread.chat) } : {};
        const request = { ...target, message: text, requestId, attachmentIds, draftRevision };
        const { sessionId, ...task } = await createTask(request);
        update(thread, (chat) => acceptOutgoing(chat, message, task));
        if (thread.sessionId) return;
        unsent.assignSession(thread.key, sessionId);
        onSession(thread, sessionId);
        return;
      } catch (error) {
        const reason = getReason(error);
        const isOffline = reason === null;
        if (!isTransient(reason) || (!isOffline && attempt >= MAX_RETRIES)) return change({ state: 'failed', reason });
        if (isOffline && attempt >= MAX_RETRIES) change({ state: 'offline' });
        await new Promise<void>((resolve) => retry(attempt)(resolve));
        if (withdrawn.delete(requestId)) return;
        if (removeSettled(thread, requestId)) return;
        if (now() - start > MAX_OFFLINE_MS) return change({ state: 'failed', reason });
        change({ state: 'sending' });
      }
    }
  }

  /** Removes a message that another page has sent or withdrawn. Returns whether one has. */
  function removeSettled(thread: Thread, requestId: string) {
    if (!unsent.isRemovedElsewhere(requestId)) return false;
    update(thread, (chat) => removeOutgoing(chat, requestId));
    return true;
  }

  async function storeRevision(requestId: string, draftRevision: Promise<number | undefined>) {
    const revision = await draftRevision;
    unsent.setRevision(requestId, revision);
    return revision;
  }

  return {
    /** Adds a message, which is sent after those before it. */
    add(thread: Thread, { draftRevision, ...content }: NewMessage) {
      const sent = { ...content, requestId: uuid(), createdAt: new Date(now()).toISOString() };
      const message: Outgoing = { ...sent, draftRevision, state: 'waiting', reason: null };
      const { key, sessionId } = thread;
      const revision = draftRevision instanceof Promise ? undefined : draftRevision;
      unsent.add({ ...sent, thread: key, sessionId, draftRevision: revision });
      update(thread, (chat) => ({ ...chat, outgoing: [...chat.outgoing, message] }));
      void flush(thread);
    },
    /** Sends the messages of a thread that was restored. */
    resume: (thread: Thread) => void flush(thread),
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
      update(thread, (chat) => removeOutgoing(chat, requestId));
      void flush(thread);
      return message;
    },
  };
}
