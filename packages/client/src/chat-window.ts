import type { History } from './chat-source.ts';
import { type Chat, findTurn, joinTurns, readTurns, type Turn } from './reduce-chat.ts';

/** An older part of a session, which is not connected to the end: at least one page is missing between them. */
export type ChatWindow = Pick<Chat, 'turns' | 'olderCursor'> & { newerCursor: string };

/** A part of a session, as a window or connected to its end. */
type Part = { chat: Chat; window: ChatWindow | null };

/** Returns the part of the session with this page: its end if they overlap, else a window. */
export const openWindow = (chat: Chat, page: History): Part => connect(chat, readTurns(page), page, 'newer');

/** Appends the next newer page to a window, which ends where it reaches the end of the session. */
export function appendPage(chat: Chat, { turns, olderCursor }: ChatWindow, page: History): Part {
  const joined = joinTurns(turns, readTurns(page), 'older');
  return connect(chat, joined, { ...page, nextCursor: olderCursor }, 'older');
}

/** Applies the replies at the end of the session to the turns of a window that have not ended. */
export function updateWindow(window: ChatWindow, chat: Chat): ChatWindow {
  let isChanged = false;
  const turns = window.turns.map((turn) => {
    const reply = turn.storedReply ? null : findTurn(chat.turns, turn.taskId)?.reply;
    if (!reply || reply === turn.reply) return turn;
    isChanged = true;
    return { ...turn, reply };
  });
  return isChanged ? { ...window, turns } : window;
}

type Cursors = Pick<History, 'nextCursor' | 'newerCursor'>;

function connect(chat: Chat, turns: Turn[], { nextCursor, newerCursor }: Cursors, shown: 'older' | 'newer'): Part {
  const isLoaded = ({ taskId }: Turn) => findTurn(chat.turns, taskId)?.message != null;
  if (newerCursor !== null && !turns.some(isLoaded))
    return { chat, window: updateWindow({ turns, olderCursor: nextCursor, newerCursor }, chat) };
  // The end of the session already begins before these turns.
  if (turns[0] && isLoaded(turns[0])) return { chat, window: null };
  return { chat: { ...chat, turns: joinTurns(turns, chat.turns, shown), olderCursor: nextCursor }, window: null };
}
