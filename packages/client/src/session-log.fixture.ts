import type { Attachment } from '@it0/contracts/attachment';
import type { ChatEvent } from '@it0/contracts/chat-event';
import { isDurable, isTerminal } from '@it0/contracts/event-kinds';
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
  /** Branches by number. The questions of `path` precede those of the branch; `original` is the first version. */
  readonly branches: Branch[] = [{ path: [], questions: [], original: null }];
  selectedBranch = 0;
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
      if (event.type === 'message') this.#addQuestion(event);
      if (event.type === 'branch') this.selectedBranch = event.branch;
      this.replies.set(taskId, reduceReply(this.replies.get(taskId) ?? createReply(taskId), event));
      return event;
    });
  }

  #addQuestion({ messageId, taskId, requestId, text, attachments = [], branch = 0, versionOf }: MessageEvent) {
    const question = {
      ...createMessage(messageId, 'user', taskId, text),
      ...{ requestId, parts: [{ type: 'text' as const, text }, ...attachments.map(toPart)] },
    };
    this.questions.push(question);
    if (versionOf) this.branches[branch] = { path: this.#listBefore(versionOf), questions: [], original: versionOf };
    this.branches[branch]!.questions.push(question);
    this.selectedBranch = branch;
  }

  /** Returns the questions of a branch in order. */
  list(branch: number): Message[] {
    const { path, questions } = this.branches[branch]!;
    return [...path, ...questions];
  }

  #listBefore(taskId: string) {
    const all = this.list(this.findBranch(taskId)!);
    return all.slice(
      0,
      all.findIndex((question) => question.taskId === taskId),
    );
  }

  /** Returns the branch that has a message: the selected one if it does, else the latest. */
  findBranch(id: string): number | undefined {
    const has = (branch: number) => this.list(branch).some((question) => question.id === id || question.taskId === id);
    return [this.selectedBranch, ...[...this.branches.keys()].reverse()].find(has);
  }

  #listVersions(taskId: string): string[] | null {
    const original = this.branches.find(({ questions }) => questions[0]?.taskId === taskId)?.original ?? taskId;
    const others = this.branches.filter((branch) => branch.original === original);
    return others.length > 0 ? [original, ...others.map(({ questions }) => questions[0]!.taskId)] : null;
  }

  ask(taskId: string, requestId: string, text: string, { attachments, versionOf, branch }: Question = {}) {
    // As the server does: versions of a version are siblings.
    const original = versionOf && (this.#listVersions(versionOf)?.[0] ?? versionOf);
    const target = original ? this.branches.length : (branch ?? this.selectedBranch);
    const message = { type: 'message', messageId: `m-${taskId}`, requestId, text, attachments } as const;
    return this.append(taskId, { ...message, branch: target || undefined, versionOf: original }, queued);
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
  history({ cursor, direction, around, branch: requested, branchOf, limit = 50 }: Partial<Page> = {}): History {
    const id = branchOf ?? (cursor ? undefined : around);
    const branch = requested ?? (id && this.findBranch(id)) ?? this.selectedBranch;
    const questions = this.list(branch || 0);
    const all = questions.length;
    const found = questions.findIndex(({ id, taskId }) => around === id || around === taskId);
    const isNewer = direction === 'newer';
    const middle = cursor || found < 0 ? undefined : Math.min(all, found + 1 + Math.floor(limit / 2));
    const end = middle ?? (isNewer ? Math.min(all, Number(cursor) + limit) : Number(cursor ?? all));
    const start = isNewer ? Number(cursor) : Math.max(0, end - limit);
    const messages = questions.slice(start, end).flatMap((question) => {
      const reply = this.replies.get(question.taskId);
      const message = { ...question, versions: this.#listVersions(question.taskId) };
      return reply && isTerminal(reply.status) ? [message, toStoredReply(reply)] : [message];
    });
    const open = [...this.replies.values()].filter(({ status }) => !isTerminal(status));
    const isShown = ({ taskId }: Reply) => questions.some((question) => question.taskId === taskId);
    return {
      ...{ instanceId: 'i', title: this.title, mine: this.mine, messages, seq: this.seq, draft: null },
      ...{ branch: branch || 0, selectedBranch: this.selectedBranch },
      replies: open.filter(isShown),
      otherReplies: open.filter((reply) => !isShown(reply)),
      nextCursor: start > 0 ? String(start) : null,
      newerCursor: end < all ? String(end) : null,
      anchor: cursor ? null : (questions[found]?.taskId ?? null),
    };
  }
}

type Branch = { path: Message[]; questions: Message[]; original: string | null };
type MessageEvent = Extract<ChatEvent, { type: 'message' }>;
type Question = { attachments?: Attachment[]; versionOf?: string; branch?: number };

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
  versions: null,
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
