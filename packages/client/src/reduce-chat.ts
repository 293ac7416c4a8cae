import type { Attachment } from '@it0/contracts/attachment';
import { type ChatEvent, isDurable, isTerminal } from '@it0/contracts/chat-event';
import { joinText, type Message } from '@it0/contracts/message';
import type { Reason } from '@it0/contracts/reasons';
import { hasGap, newReply, type Part, type Reply, reduceReply, toParts } from '@it0/contracts/reply';
import type { History } from './chat-source.ts';

/** A person's message and what the agent answers to it: one task. */
export type Turn = {
  /** Names it in a list: the message's `requestId` where this client saw it arrive, so that a row stays the same row. */
  key: string;
  taskId: string;
  /** Null while only an older page, not loaded yet, has it. */
  message: { text: string; createdAt: string; attachments: Attachment[] } | null;
  /** Live or lately ended: built from events. */
  reply: Reply | null;
  /** Kept: read from the history. */
  kept: Message | null;
};

/** A message that the server has not taken yet. */
export type Outgoing = {
  requestId: string;
  text: string;
  createdAt: string;
  attachments: Attachment[];
  state: 'waiting' | 'sending' | 'failed';
  /** Why it failed; null when the server could not be reached. */
  reason: Reason | null;
};

export type Chat = {
  /** The last durable event it holds. */
  seq: number;
  /** Oldest first. */
  turns: Turn[];
  /** In the order in which they will be sent. */
  outgoing: Outgoing[];
  /** Where the next older page begins; null when there is none. */
  older: string | null;
  /** Something is missing between what it holds and what it was given: it takes no more and must be loaded again. */
  stale: boolean;
};

export const emptyChat: Chat = { seq: 0, turns: [], outgoing: [], older: null, stale: false };

/** A session as its newest page tells it. Messages that the server has not taken stay. */
export function openChat(history: History, before: Chat = emptyChat): Chat {
  const replies = new Map(history.replies.map((reply) => [reply.taskId, reply]));
  const keys = new Map(before.turns.map(({ taskId, key }) => [taskId, key]));
  const onPage = turnsOf(history.messages);
  for (const turn of onPage) {
    turn.reply = replies.get(turn.taskId) ?? null;
    replies.delete(turn.taskId);
  }
  // What is answered to a question on an older page stands where that page will come.
  const turns = [...[...replies.values()].map((reply) => ({ ...newTurn(reply.taskId), reply })), ...onPage];
  for (const turn of turns) turn.key = keys.get(turn.taskId) ?? turn.key;
  // What the server has taken although its answer was lost is not unsent.
  const taken = new Set(turns.map(({ key }) => key));
  const outgoing = before.outgoing.filter(({ requestId }) => !taken.has(requestId));
  return { seq: history.seq, turns, outgoing, older: history.nextCursor, stale: false };
}

/** With one more page of the past. A turn cut in two by the page's edge becomes whole. */
export function withOlder(chat: Chat, page: History): Chat {
  const older = turnsOf(page.messages);
  const known = new Map(chat.turns.map((turn) => [turn.taskId, turn]));
  for (const turn of older) {
    const rest = known.get(turn.taskId);
    if (!rest) continue;
    known.delete(turn.taskId);
    turn.key = rest.key;
    turn.reply = rest.reply;
    turn.kept ??= rest.kept;
  }
  return { ...chat, turns: [...older, ...known.values()], older: page.nextCursor };
}

/**
 * The chat after more events. Pure: what it has already is dropped, and what does not join without a hole makes it
 * stale.
 */
export function reduceChat(chat: Chat, events: readonly ChatEvent[]): Chat {
  return events.reduce(reduceEvent, chat);
}

function reduceEvent(chat: Chat, event: ChatEvent): Chat {
  if (chat.stale) return chat;
  if (!isDurable(event)) return withEvent(chat, event);
  if (event.seq <= chat.seq) return chat;
  if (event.seq > chat.seq + 1) return { ...chat, stale: true };
  const next = { ...chat, seq: event.seq };
  if (event.type !== 'message') return withEvent(next, event);
  // Taken at its place in the log: until now a turn of this client's own stood where it was sent.
  const message = { text: event.text, createdAt: event.at, attachments: event.attachments ?? [] };
  const known = chat.turns.find(({ taskId }) => taskId === event.taskId);
  const turn = { ...(known ?? newTurn(event.taskId)), key: event.requestId, message };
  return {
    ...next,
    turns: [...chat.turns.filter((other) => other !== known), turn],
    outgoing: without(chat.outgoing, event.requestId),
  };
}

function withEvent(chat: Chat, event: ChatEvent): Chat {
  const index = chat.turns.findLastIndex(({ taskId }) => taskId === event.taskId);
  const turn = chat.turns[index] ?? newTurn(event.taskId);
  if (turn.kept) return event.type === 'completed' && event.late ? { ...chat, stale: true } : chat;
  const before = turn.reply ?? newReply(event.taskId);
  if (!isTerminal(before.status) && hasGap(before, event)) return { ...chat, stale: true };
  const reply = reduceReply(before, event);
  if (reply === turn.reply) return chat;
  const next = { ...turn, reply };
  return { ...chat, turns: index < 0 ? [...chat.turns, next] : chat.turns.with(index, next) };
}

/** The server took a message: it is a turn now, if an event has not made it one already. */
export function accepted(chat: Chat, sent: Outgoing, taskId: string): Chat {
  const outgoing = without(chat.outgoing, sent.requestId);
  if (chat.turns.some((turn) => turn.taskId === taskId)) return { ...chat, outgoing };
  const message = { text: sent.text, createdAt: sent.createdAt, attachments: sent.attachments };
  return { ...chat, outgoing, turns: [...chat.turns, { ...newTurn(taskId), key: sent.requestId, message }] };
}

export const withOutgoing = (chat: Chat, requestId: string, change: Partial<Outgoing>): Chat => ({
  ...chat,
  outgoing: chat.outgoing.map((item) => (item.requestId === requestId ? { ...item, ...change } : item)),
});

export const withoutOutgoing = (chat: Chat, requestId: string): Chat => ({
  ...chat,
  outgoing: without(chat.outgoing, requestId),
});

export type Answer = Pick<Reply, 'status' | 'reason' | 'detail' | 'late'> & { parts: Part[] };

/** What the agent has answered in a turn so far; null when only an older or newer page knows. */
export function findAnswer({ reply, kept }: Turn): Answer | null {
  const told = kept ?? reply;
  if (!told) return null;
  const { status, reason, detail, late } = told;
  return { status: status ?? 'COMPLETED', reason, detail, late, parts: kept?.parts ?? (reply ? toParts(reply) : []) };
}

const newTurn = (taskId: string): Turn => ({
  key: taskId,
  taskId,
  message: null,
  reply: newReply(taskId),
  kept: null,
});

const without = (outgoing: Outgoing[], requestId: string) => outgoing.filter((item) => item.requestId !== requestId);

function turnsOf(messages: Message[]): Turn[] {
  const turns = new Map<string, Turn>();
  for (const message of messages) {
    const turn = turns.get(message.taskId) ?? { ...newTurn(message.taskId), reply: null };
    if (message.role === 'assistant') turn.kept = message;
    else {
      const { parts, createdAt } = message;
      turn.message = { text: joinText(parts), createdAt, attachments: attachmentsOf(message) };
    }
    turn.key = message.requestId ?? turn.key;
    turns.set(message.taskId, turn);
  }
  return [...turns.values()];
}

const attachmentsOf = ({ parts }: Message): Attachment[] =>
  parts.flatMap((part) => {
    if (part.type !== 'attachment') return [];
    const { type: _, ...attachment } = part;
    return attachment;
  });
