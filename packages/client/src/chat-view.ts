import { v7 as uuid } from 'uuid';
import type { ChatSource, History } from './chat-source.ts';
import { appendPage, type ChatWindow, openWindow } from './chat-window.ts';
import { type Chat, findTurn, prependPage, type Turn } from './reduce-chat.ts';
import type { Thread } from './thread.ts';

/** The part of the open session that is shown. */
export type ViewState = {
  /**
   * Older part of the session that is shown instead of `turns`, the end of the session, which stays live meanwhile.
   * Null while the end is shown. `getShownTurns` returns what is shown.
   */
  window: ChatWindow | null;
  /** Changes when other turns are shown, and not when pages or events are added to them. */
  view: string;
  /**
   * Turn that was requested by `showMessage` or `open`, to scroll to; marked if it was requested by its id. Each request
   * makes a new object.
   */
  anchor: { taskId: string; isMarked: boolean } | null;
  loadingOlder: boolean;
  loadingNewer: boolean;
};

type Shown = Pick<ViewState, 'window'> & Pick<Chat, 'turns'>;

/** Returns the turns that are shown: of the window, else the end of the session. */
export const getShownTurns = ({ window, turns }: Shown): Turn[] => window?.turns ?? turns;

/** Returns whether there are turns before those that are shown. */
export const hasOlder = ({ window, olderCursor }: Pick<ViewState, 'window'> & Pick<Chat, 'olderCursor'>) =>
  (window ? window.olderCursor : olderCursor) !== null;

/** A message or task by its id, or the first message from a time (ISO 8601, UTC). */
export type MessagePosition = { around: string } | { at: string };

/** Connections of a view. */
type ViewOptions = {
  getThread(): Thread;
  getState(): ViewState;
  setState(state: Partial<ViewState & Chat>): void;
  /** Shows the branch with a message or task at it. Resolves with false if there is none. */
  showVersion(id: string): Promise<boolean>;
};

/** Creates the functions that load further pages of the open session, and show other parts of it. */
export function createChatView(source: ChatSource, { getThread, getState, setState, showVersion }: ViewOptions) {
  /** Shows a part of the session. It replaces what is shown unless it extends it. */
  const showPart = ({ chat, window }: Pick<Thread, 'chat' | 'window'>, isExtended: boolean) => {
    Object.assign(getThread(), { chat, window });
    setState({ ...chat, window });
    if (!isExtended) setState({ view: uuid(), loadingOlder: false, loadingNewer: false });
  };

  const showLatest = () => {
    const { chat, window } = getThread();
    setState({ anchor: null });
    if (window) showPart({ chat, window: null }, false);
  };

  /** Shows the page that was loaded for a message. Returns false if there is no such message. */
  const showPage = (page: History, isMarked = true) => {
    if (page.anchor === null) return false;
    const { chat, window } = getThread();
    const part = openWindow(chat, page);
    setState({ anchor: { taskId: page.anchor, isMarked } });
    showPart(part, !window && !part.window);
    return true;
  };

  return {
    showLatest,
    showPage,
    /**
     * Shows a message of the open session and sets `anchor` to its turn. If it is not loaded, a window of the session
     * around it replaces the end, to which `loadNewer` and `showLatest` return. Returns false if there is no such
     * message. Rejects with the error of the request.
     */
    async showMessage(position: MessagePosition): Promise<boolean> {
      const thread = getThread();
      const { sessionId, chat, window } = thread;
      if (!sessionId) return false;
      const findLoaded = (turns: Turn[] = []) => 'around' in position && findTurn(turns, position.around);
      const inWindow = findLoaded(window?.turns);
      const turn = inWindow || findLoaded(chat.turns);
      if (turn && turn.message !== null) {
        if (!inWindow) showLatest();
        setState({ anchor: { taskId: turn.taskId, isMarked: true } });
        return true;
      }
      const page = await source.messages({ sessionId, branch: chat.branch, ...position });
      if (thread !== getThread()) return false;
      if (page.anchor === null && 'around' in position) return showVersion(position.around);
      return showPage(page, 'around' in position);
    },
    /** Loads the next older page. Does nothing if there is none, or while one is loading. */
    async loadOlder() {
      const { sessionId, chat, window } = getThread();
      const { view, loadingOlder } = getState();
      const { olderCursor: cursor } = window ?? chat;
      if (!cursor || !sessionId || loadingOlder) return;
      setState({ loadingOlder: true });
      const { branch } = chat;
      const page = await source.messages({ sessionId, branch, cursor }).catch(() => null);
      if (view !== getState().view) return;
      const now = getThread();
      // Without a page, the next scroll retries.
      if (page && (now.window ?? now.chat).olderCursor === cursor) {
        if (now.window) showPart({ ...now, window: prependPage(now.window, page) }, true);
        else showPart({ ...now, chat: prependPage(now.chat, page) }, true);
      }
      setState({ loadingOlder: false });
    },
    /** Loads the next newer page of a window. Does nothing if the end is shown, or while one is loading. */
    async loadNewer() {
      const { sessionId, window, chat } = getThread();
      const { view, loadingNewer } = getState();
      if (!window || !sessionId || loadingNewer) return;
      setState({ loadingNewer: true });
      const { newerCursor: cursor } = window;
      const { branch } = chat;
      const page = await source.messages({ sessionId, branch, cursor, direction: 'newer' }).catch(() => null);
      const now = getThread();
      if (view !== getState().view) return;
      if (page && now.window?.newerCursor === cursor) showPart(appendPage(now.chat, now.window, page), true);
      setState({ loadingNewer: false });
    },
  };
}
