import type { Attachment } from '@it0/contracts/attachment';
import type { ChatEvent } from '@it0/contracts/chat-event';
import { isDurable, isTerminal } from '@it0/contracts/event-kinds';
import { joinText } from '@it0/contracts/join-text';
import type { Message, TokenCounts } from '@it0/contracts/message';
import { createReply, hasGap, type Part, type Reply, reduceReply, toParts } from '@it0/contracts/reply';
import { enterBranch, listVersions, selectBranch } from './branches.ts';
import type { Chat, Outgoing, Turn } from './chat.ts';
import type { History } from './chat-source.ts';

export type { Chat, Outgoing, Turn } from './chat.ts';

/** A session without messages. */
export const emptyChat: Chat = {
  ...{ seq: 0, turns: [], outgoing: [], olderCursor: null, stale: false },
  ...{ branch: 0, isSelected: true, otherReplies: [] },
};

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
  const { seq, branch, selectedBranch, otherReplies, nextCursor: olderCursor } = history;
  const isSelected = branch === selectedBranch;
  return { seq, turns, outgoing, olderCursor, stale: false, branch, isSelected, otherReplies };
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
      versions: turn.versions ?? other.versions,
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
  if (event.type === 'branch') return selectBranch(next, event.branch);
  if (event.type !== 'message') return applyEvent(next, event);
  // A message in the queue has an event for each change. Such an event selects no branch.
  if (chat.otherReplies.some(({ taskId }) => taskId === event.taskId))
    return { ...next, outgoing: without(chat.outgoing, event.requestId) };
  const existing = chat.turns.find(({ taskId }) => taskId === event.taskId);
  const entered = existing ? next : enterBranch(next, event);
  if (entered.stale || (!existing && entered.branch !== (event.branch ?? 0)))
    return { ...entered, outgoing: without(chat.outgoing, event.requestId) };
  // Moves the turn to its position in the log. A turn that this client has added itself may be elsewhere.
  const { messageId: id, text, attachments = [], at } = event;
  const previous = existing?.message?.id ? existing.message : null;
  const message = { id, text, createdAt: previous?.createdAt ?? at, attachments };
  const versions = listVersions(chat.turns, event) ?? existing?.versions ?? null;
  const turn = { ...(existing ?? createTurn(event.taskId)), key: event.requestId, message, versions };
  return {
    ...entered,
    turns: [...entered.turns.filter((other) => other !== existing), turn],
    outgoing: without(chat.outgoing, event.requestId),
  };
}

function applyEvent(chat: Chat, event: ChatEvent): Chat {
  if (chat.otherReplies.some(({ taskId }) => taskId === event.taskId)) return applyToOther(chat, event);
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

/** Applies an event to a reply that is not shown. Text before it can be missing, which is no gap in what is shown. */
function applyToOther(chat: Chat, event: ChatEvent): Chat {
  const otherReplies = chat.otherReplies
    .map((reply) => (reply.taskId === event.taskId ? reduceReply(reply, event) : reply))
    .filter(({ status }) => !isTerminal(status));
  return { ...chat, otherReplies };
}

/** Turns a sent message into a turn, unless its event has already done so. */
export function acceptOutgoing(chat: Chat, sent: Outgoing, { taskId, branch }: AcceptedTask): Chat {
  const outgoing = without(chat.outgoing, sent.requestId);
  const isKnown = (other: { taskId: string }) => other.taskId === taskId;
  if (chat.turns.some(isKnown) || chat.otherReplies.some(isKnown)) return { ...chat, outgoing };
  const { text, createdAt, attachments, versionOf } = sent;
  const accepted = { taskId, branch, versionOf };
  const entered = enterBranch(chat, accepted);
  if (entered.stale || entered.branch !== branch) return { ...entered, outgoing };
  const message = { id: null, text, createdAt, attachments };
  const turn = { ...createTurn(taskId), key: sent.requestId, message, versions: listVersions(chat.turns, accepted) };
  return { ...entered, outgoing, turns: [...entered.turns, turn] };
}

/** Task that the server has created, and the branch that it continues. */
type AcceptedTask = { taskId: string; branch: number };

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
  versions: null,
});

const without = (outgoing: Outgoing[], requestId: string) => outgoing.filter((item) => item.requestId !== requestId);

function toTurns(messages: Message[]): Turn[] {
  const turns = new Map<string, Turn>();
  for (const message of messages) {
    const turn = turns.get(message.taskId) ?? { ...createTurn(message.taskId), reply: null };
    if (message.role === 'assistant') turn.storedReply = message;
    else {
      const { id, parts, createdAt, versions } = message;
      turn.versions = versions;
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
