import type { Attachment } from '@it0/contracts/attachment';
import { type ChatEvent, isDurable, isTerminal } from '@it0/contracts/chat-event';
import type { Message } from '@it0/contracts/message';
import { createReply, type Reply, reduceReply, toParts } from '@it0/contracts/reply';
import type { History, Page } from './chat-source.ts';

type Unlogged<Event> = Event extends unknown ? Omit<Event, 'seq' | 'at' | 'taskId'> : never;
const at = '2026-01-01T00:00:00.000Z';

/** In-memory session of a server: its log of events, and its history at any moment. */
export class SessionLog {
  readonly events: ChatEvent[] = [];
  readonly questions: Message[] = [];
  readonly replies = new Map<string, Reply>();
  mine = true;
  title = 'A title';

  get seq() {
    return this.events.filter(isDurable).length;
  }

  /** Appends events, and returns them with the `seq` of the durable ones. */
  append(taskId: string, ...events: Unlogged<ChatEvent>[]): ChatEvent[] {
    return events.map((input) => {
      const ephemeral = ['text', 'progress', 'model-retry'].includes(input.type);
      const event = (ephemeral ? { ...input, taskId } : { ...input, taskId, seq: this.seq + 1, at }) as ChatEvent;
      this.events.push(event);
      if (event.type === 'message')
        this.questions.push({
          ...createMessage(event.messageId, 'user', taskId, event.text),
          requestId: event.requestId,
          parts: [{ type: 'text', text: event.text }, ...(event.attachments ?? []).map(toPart)],
        });
      this.replies.set(taskId, reduceReply(this.replies.get(taskId) ?? createReply(taskId), event));
      return event;
    });
  }

  ask(taskId: string, requestId: string, text: string, attachments?: Attachment[]) {
    return this.append(taskId, { type: 'message', messageId: `m-${taskId}`, requestId, text, attachments }, queued);
  }

  /** Returns what a new subscriber receives: the events after `seq`, then the text so far of open tasks. */
  after(seq: number): ChatEvent[] {
    const missed = this.events.filter((event) => isDurable(event) && event.seq > seq);
    const running = [...this.replies.values()].filter(({ status, text }) => text && !isTerminal(status));
    return [
      ...missed,
      ...running.map(({ taskId, text }) => ({ type: 'text' as const, taskId, offset: 0, delta: text })),
    ];
  }

  /** Returns the page of `limit` messages next to `cursor` or around a message, with the replies to them. */
  history({ cursor, direction, around, limit = 50 }: Partial<Page> = {}): History {
    const all = this.questions.length;
    const found = this.questions.findIndex(({ id, taskId }) => around === id || around === taskId);
    const isNewer = direction === 'newer';
    const middle = cursor || found < 0 ? undefined : Math.min(all, found + 1 + Math.floor(limit / 2));
    const end = middle ?? (isNewer ? Math.min(all, Number(cursor) + limit) : Number(cursor ?? all));
    const start = isNewer ? Number(cursor) : Math.max(0, end - limit);
    const messages = this.questions.slice(start, end).flatMap((question) => {
      const reply = this.replies.get(question.taskId);
      return reply && isTerminal(reply.status) ? [question, toStoredReply(reply)] : [question];
    });
    return {
      ...{ instanceId: 'i', title: this.title, mine: this.mine, messages, seq: this.seq, draft: null },
      replies: [...this.replies.values()].filter(({ status }) => !isTerminal(status)),
      nextCursor: start > 0 ? String(start) : null,
      newerCursor: end < all ? String(end) : null,
      anchor: cursor ? null : (this.questions[found]?.taskId ?? null),
    };
  }
}

const queued = { type: 'task', status: 'QUEUED' } as const;

const toPart = (attachment: Attachment) => ({ type: 'attachment' as const, ...attachment });

const createMessage = (id: string, role: Message['role'], taskId: string, text: string): Message => ({
  id,
  role,
  taskId,
  parts: [{ type: 'text', text }],
  status: null,
  reason: null,
  detail: null,
  late: false,
  usage: null,
  requestId: null,
  createdAt: at,
});

const toStoredReply = (reply: Reply): Message => ({
  ...createMessage(reply.taskId, 'assistant', reply.taskId, ''),
  parts: toParts(reply),
  status: reply.status,
  reason: reply.reason,
  detail: reply.detail,
  late: reply.late,
});
