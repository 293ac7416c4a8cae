import { v7 as uuid } from 'uuid';
import type { Chat } from './chat.ts';
import type { ChatWindow } from './chat-window.ts';
import { emptyChat } from './reduce-chat.ts';

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
export const createThread = (sessionId: string | null, key: string = uuid()): Thread => ({
  ...{ key, sessionId, chat: emptyChat, window: null },
});
