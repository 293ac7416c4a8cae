import type { Attachment } from '@it0/contracts/attachment';
import type { ApprovalDecision } from '@it0/contracts/chat-event';
import type { Reason } from '@it0/contracts/reasons';
import { v7 as uuid } from 'uuid';
import { createStore } from 'zustand/vanilla';
import { toBranchPosition } from './branches.ts';
import type { ApprovalToDecide, ChatSource, Draft } from './chat-source.ts';
import { createChatView, type ViewState } from './chat-view.ts';
import { updateWindow } from './chat-window.ts';
import { createDraftFiles, type DraftFile, type LocalFile, listReady } from './draft/draft-files.ts';
import { createDraftSync, type OtherDraft, type SaveDraft } from './draft/draft-sync.ts';
import { createMemoryDrafts, type LocalDrafts } from './draft/local-drafts.ts';
import { createMemoryEdits, createMessageEdits, type LocalEdits, type MessageEdit } from './draft/message-edits.ts';
import { type FollowOptions, followSession, retryWithBackoff } from './follow-session.ts';
import { createQueueChanges } from './queue-changes.ts';
import { type Chat, emptyChat, type Outgoing, openChat, reduceChat } from './reduce-chat.ts';
import type { Schedule } from './schedule.ts';
import { createSendQueue } from './send-queue.ts';
import { createThread, type Thread } from './thread.ts';
import { createMemoryMessages, createUnsentMessages, type LocalMessages } from './unsent-messages.ts';
import { joinDictation } from './voice/join-dictation.ts';

/** State of a chat: the open session, its unsent messages, and the draft. */
export type ChatState = Chat &
  ViewState & {
    /** Identifies the open session. Unlike `sessionId`, it does not change when a new session gets its id. */
    thread: string;
    /** Null for a new session, which the server creates with its first message. */
    sessionId: string | null;
    /** `refused`: the session cannot be shown because of `reason`. */
    phase: 'loading' | 'ready' | 'refused';
    /** Null for a network error. */
    reason: Reason | null;
    /** Title of the session; null for a new one, or while it is loading. */
    title: string | null;
    /** False for another person's session, which is read-only. */
    mine: boolean;
    /** False while the state can be outdated. */
    live: boolean;
    /** Text and files of the message that is being written. */
    draft: string;
    files: DraftFile[];
    /** Another text for the same message, from another device; null if there is none. */
    otherDraft: OtherDraft | null;
    /** Message of the session that is being edited. */
    edit: MessageEdit | null;
  };

/** Options of a chat. `drafts`, `edits` and `messages` store unsent text on this device; by default in memory. */
export type ChatOptions = FollowOptions & {
  drafts?: LocalDrafts;
  edits?: LocalEdits;
  messages?: LocalMessages;
  /** Delay of the save of a draft on the server. */
  saveDelay?: Schedule;
};

const EMPTY_DRAFT: Draft = { text: '', attachments: [], revision: 0 };

/** State of a session that has just been opened. */
const OPENED = {
  ...{ reason: null, title: null, mine: true, live: true },
  ...{ loadingOlder: false, loadingNewer: false, anchor: null },
};

/**
 * Creates the store of one chat, independent of all other chats. It shows one session at a time. Messages that were
 * written in another session are still sent. `close` ends the subscription; `open` starts a new one.
 */
export function createChatStore(
  source: ChatSource,
  { retry = retryWithBackoff, saveDelay, ...options }: ChatOptions = {},
) {
  const { drafts = createMemoryDrafts(), edits: storedEdits = createMemoryEdits(), messages } = options;
  let current = createThread(null);
  const { getState, getInitialState, setState, subscribe } = createStore<ChatState>(() => ({
    ...emptyChat,
    ...OPENED,
    thread: current.key,
    sessionId: null,
    phase: 'loading',
    window: null,
    view: current.key,
    draft: '',
    files: [],
    otherDraft: null,
    edit: null,
  }));
  const readDraft = (sessionId: string | null) => {
    const { text: draft, other: otherDraft } = sync.read(sessionId);
    return { draft, otherDraft, files: draftFiles.list(sessionId) };
  };
  const sync = createDraftSync({
    storage: drafts,
    save: source.saveDraft,
    schedule: saveDelay,
    retry,
    isSent: (sessionId, text) =>
      sessionId !== null && sessionId === current.sessionId && current.chat.turns.at(-1)?.message?.text === text,
    onChange(sessionId) {
      draftFiles.setReady(sessionId, sync.read(sessionId).attachments);
      if (sessionId === current.sessionId) setState(readDraft(sessionId));
    },
  });
  const draftFiles = createDraftFiles(source.upload, (sessionId) => {
    const files = draftFiles.list(sessionId);
    sync.edit(sessionId, { attachments: listReady(files) });
    if (sessionId === current.sessionId) setState({ files });
  });
  const { read: readEdit, ...edits } = createMessageEdits({
    storage: storedEdits,
    upload: source.upload,
    getSessionId: () => current.sessionId,
    onChange: (sessionId) => sessionId === current.sessionId && setState({ edit: readEdit(sessionId) }),
  });
  const unsent = createUnsentMessages(messages ?? createMemoryMessages());
  /** Threads in the background with unsent messages, also of earlier pages. */
  const parkedThreads = new Set<Thread>(unsent.restore(Date.now()));
  for (const { sessionId, chat } of parkedThreads)
    for (const { draftRevision } of chat.outgoing)
      if (typeof draftRevision === 'number') sync.restoreTaken(sessionId, draftRevision);
  let isOpen = false;
  let unfollow: (() => void) | null = null;
  let unfollowDraft = () => {};

  const removeSent = (before: Outgoing[], after: Outgoing[]) => {
    const ids = new Set(after.map(({ requestId }) => requestId));
    for (const { requestId } of before) if (!ids.has(requestId)) unsent.remove(requestId);
  };
  const update = (thread: Thread, change: (chat: Chat) => Chat) => {
    const { branch, outgoing } = thread.chat;
    thread.chat = change(thread.chat);
    if (thread.chat.outgoing !== outgoing) removeSent(outgoing, thread.chat.outgoing);
    // The window is a part of the branch that was shown.
    const isMoved = thread.chat.branch !== branch;
    thread.window &&= isMoved ? null : updateWindow(thread.window, thread.chat);
    const shown = isMoved ? { view: uuid(), anchor: null } : {};
    if (thread === current) setState({ ...thread.chat, window: thread.window, ...shown });
    else if (thread.chat.outgoing.length === 0) parkedThreads.delete(thread);
  };

  const close = () => {
    unfollow?.();
    unfollow = null;
    unfollowDraft();
    unfollowDraft = () => {};
    sync.saveAll();
  };

  const followDraft = (sessionId: string | null) => {
    unfollowDraft();
    const subscription = source.onDraft(sessionId, (draft) => sync.receive(sessionId, draft));
    unfollowDraft = () => subscription.unsubscribe();
  };

  const show = (thread: Thread, phase: ChatState['phase']) => {
    close();
    if (current.chat.outgoing.length > 0) parkedThreads.add(current);
    parkedThreads.delete(thread);
    current = thread;
    thread.window = null;
    const { key, sessionId, chat } = thread;
    draftFiles.setReady(sessionId, sync.read(sessionId).attachments);
    const written = { ...readDraft(sessionId), edit: readEdit(sessionId) };
    setState({ ...chat, ...OPENED, window: null, view: key, thread: key, sessionId, phase, ...written });
    isOpen = true;
    for (const each of [thread, ...parkedThreads]) queue.resume(each);
  };

  const { showLatest, showPage, ...view } = createChatView(source, {
    getThread: () => current,
    getState,
    setState,
    showVersion: (id) => showVersion(id),
  });

  /** Follows a session. Shows it at `message`, and in its branch, when that is given. The turn is marked by default. */
  const follow = (thread: Thread, sessionId: string, message?: string, isMarked = true) => {
    close();
    let branchOf = message;
    // In the same tick as the latest page, so that one batch has both requests.
    const around =
      message === undefined ? null : Promise.resolve().then(() => source.messages({ sessionId, around: message }));
    let page = around?.catch(() => null);
    unfollow = followSession(
      source,
      sessionId,
      {
        getBranch: () => (branchOf === undefined ? toBranchPosition(thread.chat) : { branchOf }),
        onHistory: (history) => {
          branchOf = undefined;
          update(thread, (chat) => openChat(history, chat));
          const { title, mine } = history;
          if (mine) {
            sync.receive(sessionId, history.draft ?? EMPTY_DRAFT);
            followDraft(sessionId);
          }
          const ready = { phase: 'ready', reason: null, title, mine, loadingOlder: false } as const;
          if (!page) return setState(ready);
          // The end of the session is not shown before the requested message.
          void page.then((around) => {
            if (thread !== current) return;
            if (around) showPage(around, isMarked);
            setState(ready);
          });
          page = undefined;
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
    return around;
  };

  const showVersion = async (id: string, isMarked = true) => {
    const thread = current;
    if (!thread.sessionId) return false;
    const page = await follow(thread, thread.sessionId, id, isMarked);
    return thread === current && page?.anchor != null;
  };

  const open = (sessionId: string, { message }: { message?: string } = {}) => {
    if (unfollow && current.sessionId === sessionId && getState().phase !== 'refused')
      return message === undefined ? undefined : void view.showMessage({ around: message }).catch(() => false);
    const thread =
      [current, ...parkedThreads].find((existing) => existing.sessionId === sessionId) ?? createThread(sessionId);
    show(thread, 'loading');
    void follow(thread, sessionId, message)?.catch(() => {});
  };

  const startNew = () => {
    const isStopped = ({ sessionId, chat: { outgoing } }: Thread) =>
      sessionId === null && (outgoing[0]?.state === 'failed' || outgoing[0]?.state === 'waiting');
    show([...parkedThreads].find(isStopped) ?? createThread(null), 'ready');
    followDraft(null);
  };

  const queue = createSendQueue({
    createTask: (task) => source.createTask(task),
    unsent,
    retry,
    update,
    onSession(thread, sessionId) {
      thread.sessionId = sessionId;
      if (thread !== current) return;
      sync.assignSession(sessionId);
      draftFiles.assignSession(sessionId);
      setState({ sessionId });
      if (isOpen) void follow(thread, sessionId);
    },
  });

  const setDraft = (draft: string) => {
    sync.edit(current.sessionId, { text: draft });
    setState({ draft });
  };

  return {
    getState,
    getInitialState,
    subscribe,
    /** Opens a session and follows it. Shows it at `message`, the id of a message or task, if it exists, else at its end. */
    open,
    /**
     * Opens a new session without following anything. If the first message of an earlier new session failed, or is from
     * an earlier page, that one is shown again.
     */
    startNew,
    /** Shows another title of a session, if that is open. */
    setTitle(sessionId: string, title: string) {
      if (sessionId === current.sessionId) setState({ title });
    },
    setDraft,
    /**
     * Returns a function that appends dictated text to the draft of the session that is open now, also after another one
     * was opened.
     */
    captureDraft() {
      const thread = current;
      return (text: string) => {
        const isOpen = current.sessionId === thread.sessionId;
        const draft = joinDictation(sync.read(thread.sessionId).text, text);
        if (isOpen) setDraft(draft);
        else sync.edit(thread.sessionId, { text: draft });
      };
    },
    /** Changes of `edit`. */
    edits,
    /** Exchanges the draft and the other text for it. */
    showOtherDraft: () => sync.showOther(current.sessionId),
    /** Drops the other text, and saves the one that is shown. */
    dropOtherDraft: () => sync.dropOther(current.sessionId),
    /** Saves the drafts now. `send` replaces the request, for a page that is being closed. */
    saveDrafts: (send?: SaveDraft) => sync.saveAll(send),
    /** Adds files to the draft and uploads them. */
    attach: (files: LocalFile[]) => draftFiles.add(current.sessionId, files),
    /** Uploads a file again after a failure. */
    retryAttachment: (key: string) => draftFiles.retry(key),
    /** Removes a file from the draft and stops its upload. */
    detach: (key: string) => draftFiles.remove(current.sessionId, key),
    /**
     * Sends a message together with the files that are ready. It is shown immediately, and sent after the messages
     * before it. `text` must not be blank or longer than `limits.message`. If it is the draft, that becomes empty.
     */
    send(text: string) {
      showLatest();
      const { sessionId } = current;
      const isDraft = text === getState().draft;
      const draftRevision = isDraft ? sync.take(sessionId) : undefined;
      if (isDraft) setState({ draft: '' });
      queue.add(current, { text, attachments: draftFiles.takeReady(sessionId), draftRevision });
    },
    /**
     * Returns a function that sends a message with files of its own to the session that is open now. `versionOf` is the
     * task of a message of which it is another version.
     */
    captureSend() {
      const thread = current;
      return (text: string, attachments: Attachment[], versionOf?: string) => {
        if (thread === current) showLatest();
        queue.add(thread, { text, attachments, versionOf });
      };
    },
    /** Sends a failed message again with the same `requestId`, so that the server creates its task only once. */
    resend: (requestId: string) => queue.resend(current, requestId),
    /** Moves an unsent message and its files back to the beginning of the draft. */
    withdraw(requestId: string) {
      const message = queue.withdraw(current, requestId);
      if (!message) return;
      draftFiles.restore(current.sessionId, message.attachments);
      setDraft([message.text, getState().draft].filter(Boolean).join('\n'));
    },
    ...view,
    /** Shows the branch with another version of a message. Selects it in a session of the user. */
    async selectVersion(taskId: string): Promise<void> {
      const { sessionId } = current;
      if (sessionId && getState().mine) void source.selectBranch({ sessionId, taskId }).catch(() => {});
      // Leaves the message that was requested before, which is in the address.
      setState({ anchor: null });
      await showVersion(taskId, false);
    },
    /** Shows the selected branch of the session again. */
    showSelected() {
      const { sessionId } = current;
      if (!sessionId) return;
      update(current, (chat) => ({ ...chat, isSelected: true }));
      void follow(current, sessionId);
    },
    /** Shows the end of the session again. */
    showLatest,
    ...createQueueChanges(source, () => current),
    /** Cancels a task. Its reply so far remains. */
    stop: (taskId: string) => source.cancel(taskId),
    /** Decides an approval as it is shown. */
    decide: (approval: ApprovalToDecide, decision: ApprovalDecision) => source.decide(approval, decision),
    /** Ends the subscription. Messages in the queue are still sent. */
    close() {
      isOpen = false;
      close();
    },
  };
}

/** Store of one chat, made by `createChatStore`. */
export type ChatStore = ReturnType<typeof createChatStore>;
