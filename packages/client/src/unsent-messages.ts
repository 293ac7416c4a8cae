import type { Outgoing } from './chat.ts';
import { createThread, type Thread } from './thread.ts';

/** A message as this device stores it until the server has it. */
export type UnsentMessage = Omit<Outgoing, 'state' | 'reason' | 'draftRevision'> & {
  /** Key of its thread, which several messages of a new session share. */
  thread: string;
  /** Null for a new session. */
  sessionId: string | null;
  draftRevision?: number;
};

/** Storage of the unsent messages of one chat on this device, in sending order. */
export type LocalMessages = {
  read(): UnsentMessage[];
  write(messages: UnsentMessage[]): void;
};

/** Creates a storage in memory. */
export function createMemoryMessages(): LocalMessages {
  let messages: UnsentMessage[] = [];
  return {
    read: () => messages,
    write(next) {
      messages = next;
    },
  };
}

/**
 * Time for which a message waits while the server cannot be reached. After a longer time, such as a night in a closed
 * laptop, the person may no longer want the message to be sent.
 */
export const MAX_OFFLINE_MS = 10 * 60_000;

/** Time for which a message is stored, as the files of a draft are. Its session may never be opened again. */
export const MAX_STORED_MS = 7 * 24 * 60 * 60_000;

/** Creates the unsent messages of one chat, which other pages of this device can send and withdraw too. */
export function createUnsentMessages(storage: LocalMessages) {
  /** Messages that the storage has had. Others did not fit into it, or it is disabled. */
  const stored = new Set<string>();
  const has = (requestId: string) => storage.read().some((message) => message.requestId === requestId);
  const write = (change: (message: UnsentMessage) => UnsentMessage) => storage.write(storage.read().map(change));
  return {
    add(message: UnsentMessage) {
      storage.write([...storage.read(), message]);
      if (has(message.requestId)) stored.add(message.requestId);
    },
    remove(requestId: string) {
      if (stored.delete(requestId)) storage.write(storage.read().filter((message) => message.requestId !== requestId));
    },
    /** Sets the revision of the draft that a message was. */
    setRevision: (requestId: string, draftRevision: number | undefined) =>
      write((message) => (message.requestId === requestId ? { ...message, draftRevision } : message)),
    /** Moves the messages of a new session to its id. */
    assignSession: (thread: string, sessionId: string) =>
      write((message) => (message.thread === thread ? { ...message, sessionId } : message)),
    /** Returns whether another page has sent or withdrawn a message. */
    isRemovedElsewhere: (requestId: string) => stored.has(requestId) && !has(requestId),
    /** Returns the threads of the stored messages. Messages that have waited for too long are not sent by themselves. */
    restore(now: number): Thread[] {
      const messages = storage.read();
      const recent = messages.filter(({ createdAt }) => now - Date.parse(createdAt) <= MAX_STORED_MS);
      if (recent.length < messages.length) storage.write(recent);
      const threads = new Map<string, Thread>();
      for (const { thread: key, sessionId, ...message } of recent) {
        stored.add(message.requestId);
        const thread = threads.get(sessionId ?? key) ?? createThread(sessionId, key);
        const isLate = now - Date.parse(message.createdAt) > MAX_OFFLINE_MS;
        const outgoing: Outgoing = { ...message, state: isLate ? 'failed' : 'waiting', reason: null };
        thread.chat = { ...thread.chat, outgoing: [...thread.chat.outgoing, outgoing] };
        threads.set(sessionId ?? key, thread);
      }
      return [...threads.values()];
    },
  };
}

export type UnsentMessages = ReturnType<typeof createUnsentMessages>;
