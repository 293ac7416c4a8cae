import type { ApprovalDecision } from '@it0/contracts/chat-event';
import type { Reason } from '@it0/contracts/reasons';
import { v7 as uuid } from 'uuid';
import { createStore } from 'zustand/vanilla';
import type { ChatSource, ShownApproval } from './chat-source.ts';
import { createDraftFiles, type DraftFile, type LocalFile } from './draft-files.ts';
import { type Drafts, memoryDrafts } from './drafts.ts';
import { getReason, isTransient } from './errors.ts';
import { type FollowOptions, followSession, retryLater } from './follow-session.ts';
import {
  accepted,
  type Chat,
  emptyChat,
  type Outgoing,
  openChat,
  reduceChat,
  withOlder,
  withOutgoing,
  withoutOutgoing,
} from './reduce-chat.ts';

export type ChatState = Chat & {
  /** Names what is open, and stays when a new session gets its id. */
  thread: string;
  /** Null for a session that begins with its first message. */
  sessionId: string | null;
  /** `refused`: the session cannot be shown, for `reason`. */
  phase: 'loading' | 'ready' | 'refused';
  reason: Reason | null;
  /** False when it is somebody else's, for reading alone. */
  mine: boolean;
  /** False while what is shown may be behind. */
  live: boolean;
  loadingOlder: boolean;
  /** What is being written, and the files that will go with it. */
  draft: string;
  files: DraftFile[];
};

export type ChatOptions = FollowOptions & { drafts?: Drafts };

/**
 * How often a message is tried again by itself, some seconds in all: later, a command might run that nobody wants any
 * more.
 */
const patience = 4;

/** A session, or one to be, with what waits to be sent in it. */
type Thread = { key: string; sessionId: string | null; chat: Chat; sending: boolean };

const newThread = (sessionId: string | null): Thread => ({ key: uuid(), sessionId, chat: emptyChat, sending: false });

/**
 * One isolated chat over a source: its state, and what a person can do. It shows one session at a time; what was
 * written in another one is still sent. `close` lets go of the server; opening a session takes it up again.
 */
export function createChatStore(
  source: ChatSource,
  { drafts = memoryDrafts(), retry = retryLater, ...options }: ChatOptions = {},
) {
  let current = newThread(null);
  const { getState, getInitialState, setState, subscribe } = createStore<ChatState>(() => ({
    ...emptyChat,
    thread: current.key,
    sessionId: null,
    phase: 'loading',
    reason: null,
    mine: true,
    live: true,
    loadingOlder: false,
    draft: '',
    files: [],
  }));
  const draftFiles = createDraftFiles(source.upload, () => setState({ files: draftFiles.of(current.sessionId) }));
  /** Sessions left while something waited to be sent in them. */
  const left = new Map<string, Thread>();
  let release: (() => void) | null = null;

  const update = (thread: Thread, change: (chat: Chat) => Chat) => {
    thread.chat = change(thread.chat);
    if (thread === current) setState(thread.chat);
  };

  const close = () => {
    release?.();
    release = null;
  };

  const show = (thread: Thread, phase: ChatState['phase']) => {
    close();
    if (current.sessionId && current.chat.outgoing.length > 0) left.set(current.sessionId, current);
    current = thread;
    const { key, sessionId, chat } = thread;
    const draft = drafts.read(sessionId);
    const fresh = { reason: null, mine: true, live: true, loadingOlder: false };
    const files = draftFiles.of(sessionId);
    setState({ ...chat, ...fresh, thread: key, sessionId, phase, draft, files });
  };

  const follow = (thread: Thread, sessionId: string) => {
    close();
    release = followSession(
      source,
      sessionId,
      {
        onHistory: (history) => {
          update(thread, (chat) => openChat(history, chat));
          setState({ phase: 'ready', reason: null, mine: history.mine, loadingOlder: false });
        },
        onEvents: (events) => {
          update(thread, (chat) => reduceChat(chat, events));
          return !thread.chat.stale;
        },
        onLive: (live) => setState({ live }),
        onRefused: (reason) => setState({ phase: 'refused', reason }),
      },
      { ...options, retry },
    );
  };

  const open = (sessionId: string) => {
    if (release && current.sessionId === sessionId && getState().phase !== 'refused') return;
    const thread = left.get(sessionId) ?? (current.sessionId === sessionId ? current : newThread(sessionId));
    left.delete(sessionId);
    show(thread, 'loading');
    follow(thread, sessionId);
  };

  /** Sends what waits, in order. A message that fails holds those behind it, until it is sent again or taken back. */
  const pump = async (thread: Thread) => {
    if (thread.sending) return;
    thread.sending = true;
    for (;;) {
      const [next] = thread.chat.outgoing;
      if (next?.state !== 'waiting') break;
      await deliver(thread, next);
    }
    thread.sending = false;
  };

  const deliver = async (thread: Thread, message: Outgoing) => {
    const { requestId, text, attachments } = message;
    const attachmentIds = attachments.length > 0 ? attachments.map(({ id }) => id) : undefined;
    update(thread, (chat) => withOutgoing(chat, requestId, { state: 'sending' }));
    for (let attempt = 0; ; attempt++) {
      try {
        const to = thread.sessionId ? { sessionId: thread.sessionId } : {};
        const { sessionId, taskId } = await source.createTask({ ...to, message: text, requestId, attachmentIds });
        update(thread, (chat) => accepted(chat, message, taskId));
        if (!thread.sessionId) begin(thread, sessionId);
        return;
      } catch (error) {
        const reason = getReason(error);
        if (!isTransient(reason) || attempt === patience) {
          return update(thread, (chat) => withOutgoing(chat, requestId, { state: 'failed', reason }));
        }
        await new Promise<void>((resolve) => retry(attempt)(resolve));
      }
    }
  };

  /** A session's first message made it. */
  const begin = (thread: Thread, sessionId: string) => {
    thread.sessionId = sessionId;
    if (thread !== current) return;
    const { draft } = getState();
    drafts.write(null, '');
    drafts.write(sessionId, draft);
    draftFiles.move(sessionId);
    setState({ sessionId });
    follow(thread, sessionId);
  };

  const setDraft = (draft: string) => {
    drafts.write(current.sessionId, draft);
    setState({ draft });
  };

  return {
    getState,
    getInitialState,
    subscribe,
    open,
    startNew: () => show(newThread(null), 'ready'),
    setDraft,
    /** Files for the message that is being written; they are uploaded at once. */
    attach: (files: LocalFile[]) => draftFiles.add(current.sessionId, files),
    attachAgain: (key: string) => draftFiles.retry(key),
    detach: (key: string) => draftFiles.remove(current.sessionId, key),
    /** A message not blank and no longer than the limit, with the files that are ready. It is shown at once, and sent when its turn comes. */
    send(text: string) {
      const createdAt = new Date().toISOString();
      const attachments = draftFiles.take(current.sessionId);
      const message: Outgoing = { requestId: uuid(), text, createdAt, attachments, state: 'waiting', reason: null };
      update(current, (chat) => ({ ...chat, outgoing: [...chat.outgoing, message] }));
      void pump(current);
    },
    /** Sends a failed message again, under the same name: if it had arrived after all, nothing happens twice. */
    resend(requestId: string) {
      update(current, (chat) => withOutgoing(chat, requestId, { state: 'waiting', reason: null }));
      void pump(current);
    },
    /** Takes back a message that has not been sent: it is in front of the draft again. */
    takeBack(requestId: string) {
      const message = current.chat.outgoing.find((item) => item.requestId === requestId && item.state !== 'sending');
      if (!message) return;
      update(current, (chat) => withoutOutgoing(chat, requestId));
      draftFiles.putBack(current.sessionId, message.attachments);
      setDraft([message.text, getState().draft].filter(Boolean).join('\n'));
      void pump(current);
    },
    /** One more page of the past, if it can be had now. */
    async loadOlder() {
      const thread = current;
      const { older } = thread.chat;
      if (!older || !thread.sessionId || getState().loadingOlder) return;
      setState({ loadingOlder: true });
      try {
        const page = await source.messages({ sessionId: thread.sessionId, cursor: older });
        if (thread.chat.older === older) update(thread, (chat) => withOlder(chat, page));
      } catch {
        // What is shown stays; the next scroll asks again.
      } finally {
        if (thread === current) setState({ loadingOlder: false });
      }
    },
    /** Ends a task; what it has answered so far stays. */
    stop: (taskId: string) => source.cancel(taskId),
    decide: (approval: ShownApproval, decision: ApprovalDecision) => source.decide(approval, decision),
    close,
  };
}

export type ChatStore = ReturnType<typeof createChatStore>;
