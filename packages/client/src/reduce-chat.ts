import type { Attachment } from '@it0/contracts/attachment';
import { type ChatEvent, isDurable, isTerminal } from '@it0/contracts/chat-event';
import { joinText, type Message, type TokenCounts } from '@it0/contracts/message';
import type { Reason } from '@it0/contracts/reasons';
import { createReply, hasGap, type Part, type Reply, reduceReply, toParts } from '@it0/contracts/reply';
import type { History } from './chat-source.ts';

/** A person's message and the agent's reply to it: one task. */
export type Turn = {
  /** Key for lists. It is the message's `requestId` if known, so that a row stays the same once the message is sent. */
  key: string;
  taskId: string;
  /** Null while the message is on an older page that is not loaded yet. Its `id` is null until its event arrives. */
  message: { id: string | null; text: string; createdAt: string; attachments: Attachment[] } | null;
  /** Reply built from events: of an open task, or of one that has ended since the session was opened. */
  reply: Reply | null;
  /** Reply of an ended task, read from the history. */
  storedReply: Message | null;
};

/** A message that the server has not accepted yet. */
export type Outgoing = {
  requestId: string;
  text: string;
  createdAt: string;
  attachments: Attachment[];
  /** `offline`: the server cannot be reached. The message is sent when it is back. */
  state: 'waiting' | 'sending' | 'offline' | 'failed';
  /** Reason of the failure; null for a network error. */
  reason: Reason | null;
};

/** A session as the client knows it. */
export type Chat = {
  /** `seq` of the last durable event that was applied. */
  seq: number;
  /** Oldest first. */
  turns: Turn[];
  /** Unsent messages in sending order. */
  outgoing: Outgoing[];
  /** Cursor of the next older page; null if there is none. */
  olderCursor: string | null;
  /** True after a gap. No more events are applied; the session has to be loaded again. */
  stale: boolean;
};

/** A session without messages. */
export const emptyChat: Chat = { seq: 0, turns: [], outgoing: [], olderCursor: null, stale: false };

/** Creates the chat from its newest page. Keeps the unsent messages and the keys of `previous`. */
export function openChat(history: History, previous: Chat = emptyChat): Chat {
  const keys = new Map(previous.turns.map(({ taskId, key }) => [taskId, key]));
  const onPage = readTurns(history);
  const before = history.replies.filter(({ taskId }) => !findTurn(onPage, taskId));
  // Replies to messages on older pages come first, where those pages will be inserted.
  const turns = [...before.map((reply) => ({ ...createTurn(reply.taskId), reply })), ...onPage];
  for (const turn of turns) turn.key = keys.get(turn.taskId) ?? turn.key;
  // A message is not unsent if the server has accepted it and only the response was lost.
  const acceptedIds = new Set(turns.map(({ key }) => key));
  const outgoing = previous.outgoing.filter(({ requestId }) => !acceptedIds.has(requestId));
  return { seq: history.seq, turns, outgoing, olderCursor: history.nextCursor, stale: false };
}

/** Inserts an older page before the loaded turns. */
export function prependPage<Loaded extends Pick<Chat, 'turns' | 'olderCursor'>>(loaded: Loaded, page: History): Loaded {
  return { ...loaded, turns: joinTurns(readTurns(page), loaded.turns, 'newer'), olderCursor: page.nextCursor };
}

/**
 * Joins two lists of turns that are adjacent or overlap, also in a turn that a page boundary has split. `shown` is the
 * list whose keys remain.
 */
export function joinTurns(older: Turn[], newer: Turn[], shown: 'older' | 'newer'): Turn[] {
  const rest = new Map(newer.map((turn) => [turn.taskId, turn]));
  const joined = older.map((turn) => {
    const other = rest.get(turn.taskId);
    if (!other) return turn;
    rest.delete(turn.taskId);
    return {
      ...turn,
      key: shown === 'older' ? turn.key : other.key,
      message: turn.message ?? other.message,
      reply: other.reply ?? turn.reply,
      storedReply: other.storedReply ?? turn.storedReply,
    };
  });
  return [...joined, ...rest.values()];
}

/** Returns the turns of a page, with the replies to those that have not ended. */
export function readTurns({ messages, replies }: History): Turn[] {
  return toTurns(messages).map((turn) => {
    const reply = replies.find(({ taskId }) => taskId === turn.taskId);
    return reply ? { ...turn, reply } : turn;
  });
}

/** Returns the turn of a message or task that is loaded. */
export const findTurn = (turns: readonly Turn[], id: string) =>
  turns.find(({ taskId, message }) => taskId === id || message?.id === id);

/** Applies events to the chat. Ignores events that were applied before, and marks the chat as stale on a gap. */
export function reduceChat(chat: Chat, events: readonly ChatEvent[]): Chat {
  return events.reduce(reduceEvent, chat);
}

function reduceEvent(chat: Chat, event: ChatEvent): Chat {
  if (chat.stale) return chat;
  if (!isDurable(event)) return applyEvent(chat, event);
  if (event.seq <= chat.seq) return chat;
  if (event.seq > chat.seq + 1) return { ...chat, stale: true };
  const next = { ...chat, seq: event.seq };
  if (event.type !== 'message') return applyEvent(next, event);
  // Moves the turn to its position in the log. A turn that this client has added itself may be elsewhere.
  const { messageId: id, text, attachments = [], at: createdAt } = event;
  const message = { id, text, createdAt, attachments };
  const existing = chat.turns.find(({ taskId }) => taskId === event.taskId);
  const turn = { ...(existing ?? createTurn(event.taskId)), key: event.requestId, message };
  return {
    ...next,
    turns: [...chat.turns.filter((other) => other !== existing), turn],
    outgoing: without(chat.outgoing, event.requestId),
  };
}

function applyEvent(chat: Chat, event: ChatEvent): Chat {
  const index = chat.turns.findLastIndex(({ taskId }) => taskId === event.taskId);
  const turn = chat.turns[index] ?? createTurn(event.taskId);
  if (turn.storedReply) return event.type === 'completed' && event.late ? { ...chat, stale: true } : chat;
  const before = turn.reply ?? createReply(event.taskId);
  if (!isTerminal(before.status) && hasGap(before, event)) return { ...chat, stale: true };
  const reply = reduceReply(before, event);
  if (reply === turn.reply) return chat;
  const next = { ...turn, reply };
  return { ...chat, turns: index < 0 ? [...chat.turns, next] : chat.turns.with(index, next) };
}

/** Turns a sent message into a turn, unless its event has already done so. */
export function acceptOutgoing(chat: Chat, sent: Outgoing, taskId: string): Chat {
  const outgoing = without(chat.outgoing, sent.requestId);
  if (chat.turns.some((turn) => turn.taskId === taskId)) return { ...chat, outgoing };
  const { text, createdAt, attachments } = sent;
  const message = { id: null, text, createdAt, attachments };
  return { ...chat, outgoing, turns: [...chat.turns, { ...createTurn(taskId), key: sent.requestId, message }] };
}

/** Changes an unsent message. */
export const updateOutgoing = (chat: Chat, requestId: string, change: Partial<Outgoing>): Chat => ({
  ...chat,
  outgoing: chat.outgoing.map((item) => (item.requestId === requestId ? { ...item, ...change } : item)),
});

/** Removes an unsent message. */
export const removeOutgoing = (chat: Chat, requestId: string): Chat => ({
  ...chat,
  outgoing: without(chat.outgoing, requestId),
});

/** Reply of a turn as it is shown. */
export type Answer = Pick<Reply, 'status' | 'reason' | 'detail' | 'late' | 'modelRetry' | 'endedAt'> & {
  usage: TokenCounts | null;
  parts: Part[];
};

/** Returns the reply of a turn so far, or null if it is not loaded. */
export function findAnswer({ reply, storedReply }: Turn): Answer | null {
  const source = storedReply ?? reply;
  if (!source) return null;
  const { status, reason, detail, late } = source;
  return {
    status: status ?? 'COMPLETED',
    reason,
    detail,
    late,
    modelRetry: storedReply ? undefined : reply?.modelRetry,
    endedAt: storedReply?.createdAt ?? reply?.endedAt ?? null,
    usage: storedReply?.usage ?? reply?.usage ?? null,
    parts: storedReply?.parts ?? (reply ? toParts(reply) : []),
  };
}

const createTurn = (taskId: string): Turn => ({
  key: taskId,
  taskId,
  message: null,
  reply: createReply(taskId),
  storedReply: null,
});

const without = (outgoing: Outgoing[], requestId: string) => outgoing.filter((item) => item.requestId !== requestId);

function toTurns(messages: Message[]): Turn[] {
  const turns = new Map<string, Turn>();
  for (const message of messages) {
    const turn = turns.get(message.taskId) ?? { ...createTurn(message.taskId), reply: null };
    if (message.role === 'assistant') turn.storedReply = message;
    else {
      const { id, parts, createdAt } = message;
      turn.message = { id, text: joinText(parts), createdAt, attachments: listAttachments(message) };
    }
    turn.key = message.requestId ?? turn.key;
    turns.set(message.taskId, turn);
  }
  return [...turns.values()];
}

const listAttachments = ({ parts }: Message): Attachment[] =>
  parts.flatMap((part) => {
    if (part.type !== 'attachment') return [];
    const { type: _, ...attachment } = part;
    return attachment;
  });
