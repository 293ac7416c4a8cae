import { setTimeout as sleep } from 'node:timers/promises';
import { type Delivery, isGap, toSessionChannel } from '@it0/bus/bus';
import { type Batch, type ChatEvent, type DurableEvent, isDurable } from '@it0/contracts/chat-event';
import { Id } from '@it0/contracts/ids';
import { tenantTables } from '@it0/db/sql';
import { type TrackedEnvelope, tracked } from '@trpc/server';
import { z } from 'zod';
import { explainMissingTables } from '../../auth/tenant/missing-tables.ts';
import { AppError } from '../../errors.ts';
import type { AgentContext } from '../agent-services.ts';
import { readableBy } from '../instance/access.ts';
import { toDurableEvent } from '../task/event-log.ts';
import { type NewEvent, OPEN_STATUSES } from '../task/task.ts';
import { createTextJoiner } from './join-texts.ts';
import { sessionNotFound } from './session.ts';

/** Input of `session.onEvent`. */
export const OnEvent = z.object({
  sessionId: Id,
  /** The `seq` up to which the client has all events: from `session.messages`, or the id of the last batch. */
  lastEventId: z
    .string()
    .regex(/^\d{1,15}$/)
    .optional(),
});

/** Events per read of the log. */
const REPLAY_SIZE = 500;
/** Delay before the partial text is read again, which is saved every second. */
const TEXT_RETRY_MS = 500;
/** Interval at which the log is read while a task runs, in case the bus lost an event. */
const RECHECK_MS = 10_000;

type Frame = TrackedEnvelope<Batch>;

/** The part of the request context that a reader keeps. It is small, since there may be very many readers. */
type ReadContext = Pick<AgentContext, 'db' | 'bus' | 'live' | 'log' | 'user'>;

/** State of a reader while tasks of the session run. */
type RunningTasks = { tasks: Set<string>; join: ReturnType<typeof createTextJoiner>; recheckTimer: NodeJS.Timeout };

/**
 * Streams the events of a session after `lastEventId`: first those in the log, then the partial text of running
 * replies, then live events. It subscribes before it reads, skips events that it has sent, and reads the log wherever
 * the bus left a gap, so each durable event arrives exactly once and in order. Yields batches, each tracked by the last
 * `seq` sent. Throws SESSION_NOT_FOUND, or EVENT_GAP when the log no longer has all events after `lastEventId`.
 */
export const onEvent = (ctx: AgentContext, input: z.infer<typeof OnEvent>): AsyncIterable<Frame> =>
  new SessionReader(ctx, input);

/**
 * The iterator behind `onEvent`. It is not a generator for two reasons: there may be many readers, and a waiting one
 * should use little memory; and `return()` must end it at once, even while it waits for the next event.
 */
class SessionReader implements AsyncIterableIterator<Frame> {
  readonly #ctx: ReadContext;
  readonly #sessionId: string;
  #lastSeq = 0;
  #deliveries: Delivery[] = [];
  #wake: (() => void) | undefined;
  #stop: (() => void) | undefined;
  #running: RunningTasks | undefined;
  #frames: AsyncGenerator<Frame> | undefined;
  #ended = false;

  constructor(ctx: AgentContext, { sessionId, lastEventId }: z.infer<typeof OnEvent>) {
    const { db, bus, live, log, user } = ctx;
    this.#ctx = { db, bus, live, log, user };
    this.#sessionId = sessionId;
    this.#frames = this.#open(lastEventId);
  }

  [Symbol.asyncIterator]() {
    return this;
  }

  async next(): Promise<IteratorResult<Frame>> {
    try {
      while (!this.#ended) {
        const frame = await this.#frames?.next();
        if (this.#ended) break;
        if (frame && !frame.done) return frame;
        this.#frames = undefined;
        const delivery = this.#deliveries.shift();
        if (!delivery) await new Promise<void>((resolve) => (this.#wake = resolve));
        else if (this.#followsGap(delivery)) this.#frames = this.#catchUpTo(delivery);
        else {
          const value = this.#toFrame(delivery);
          if (value) return { done: false, value };
        }
      }
    } catch (error) {
      this.#end();
      throw (await explainMissingTables(this.#ctx, this.#ctx.user.tenantId, error)) ?? error;
    }
    return this.return();
  }

  async return(): Promise<IteratorResult<Frame>> {
    this.#end();
    return { done: true, value: undefined };
  }

  #enqueue(delivery: Delivery) {
    this.#deliveries.push(delivery);
    this.#wake?.();
  }

  #end() {
    this.#ended = true;
    this.#stop?.();
    this.#stop = undefined;
    clearInterval(this.#running?.recheckTimer);
    this.#wake?.();
  }

  async *#open(lastEventId: string | undefined) {
    const channel = toSessionChannel(this.#ctx.user.tenantId, this.#sessionId);
    this.#stop = this.#ctx.bus.subscribe(channel, (delivery) => this.#enqueue(delivery));
    const session = await requireSession(this.#ctx, this.#sessionId);
    this.#lastSeq = Number(lastEventId ?? session.seq);
    for (const { id } of session.tasks) this.#trackTasks().tasks.add(id);
    yield* this.#catchUp();
    if (this.#lastSeq < Number(session.seq)) throw eventGap();
    const texts = session.tasks
      .filter(({ id }) => this.#running?.tasks.has(id))
      .map((task) => toTextEvent(this.#ctx, task))
      .filter((event) => event.delta !== '');
    if (texts.length > 0) yield this.#createFrame(this.#joinTexts(texts));
  }

  #followsGap(delivery: Delivery): boolean {
    return isGap(delivery) ? delivery.upTo > this.#lastSeq : (delivery.find(isDurable)?.seq ?? 0) > this.#lastSeq + 1;
  }

  async *#catchUpTo(delivery: Delivery) {
    yield* this.#catchUp();
    const frame = this.#toFrame(delivery);
    if (frame) yield frame;
  }

  #toFrame(delivery: Delivery): Frame | undefined {
    if (isGap(delivery)) return;
    const isSent = (event: ChatEvent) => isDurable(event) && event.seq <= this.#lastSeq;
    const batch = this.#joinTexts(delivery.some(isSent) ? delivery.filter((event) => !isSent(event)) : delivery);
    return batch.length > 0 ? this.#createFrame(batch) : undefined;
  }

  async *#catchUp() {
    for (;;) {
      const events = await readLog(this.#ctx, this.#sessionId, this.#lastSeq);
      if (events.length > 0 && events.at(-1)!.seq !== this.#lastSeq + events.length) throw eventGap();
      if (events.length > 0) yield this.#createFrame(this.#joinTexts(events));
      if (events.length < REPLAY_SIZE) return;
    }
  }

  #joinTexts(batch: Batch): Batch {
    const mayHaveGaps = this.#running || batch.some((event) => event.type === 'text');
    return mayHaveGaps ? this.#trackTasks().join(batch) : batch;
  }

  #createFrame(batch: Batch): Frame {
    for (const event of batch) {
      if (!isDurable(event)) continue;
      if (event.type === 'completed' || event.type === 'error') this.#running?.tasks.delete(event.taskId);
      else this.#trackTasks().tasks.add(event.taskId);
      this.#lastSeq = event.seq;
    }
    if (this.#running?.tasks.size === 0) {
      clearInterval(this.#running.recheckTimer);
      this.#running = undefined;
    }
    return tracked(String(this.#lastSeq), batch);
  }

  #trackTasks(): RunningTasks {
    this.#running ??= {
      tasks: new Set(),
      join: createTextJoiner((taskId) => void this.#requestText(taskId)),
      recheckTimer: setInterval(() => this.#enqueue({ upTo: Number.POSITIVE_INFINITY }), RECHECK_MS),
    };
    return this.#running;
  }

  async #requestText(taskId: string): Promise<void> {
    await sleep(TEXT_RETRY_MS);
    if (this.#ended) return;
    const event = await findText(this.#ctx, this.#sessionId, taskId).catch(() => 'unknown' as const);
    if (event === 'unknown') return this.#requestText(taskId);
    if (event) this.#enqueue([event]);
  }
}

const eventGap = () =>
  new AppError('EVENT_GAP', 'The log no longer has all events after `lastEventId`. Load the messages of the session.');

async function requireSession({ db, user }: ReadContext, id: string) {
  const session = await db.tenant(user.tenantId).agentSession.findUnique({
    where: { id, ...readableBy(user) },
    select: {
      seq: true,
      tasks: {
        where: { status: { in: [...OPEN_STATUSES] } },
        select: { id: true, text: true },
        orderBy: { id: 'asc' },
      },
    },
  });
  if (!session) throw sessionNotFound();
  return session;
}

async function findText(ctx: ReadContext, sessionId: string, taskId: string) {
  const task = await ctx.db.tenant(ctx.user.tenantId).agentTask.findUnique({
    where: { id: taskId, sessionId, status: { in: [...OPEN_STATUSES] } },
    select: { id: true, text: true },
  });
  return task && toTextEvent(ctx, task);
}

const toTextEvent = ({ live, user: { tenantId } }: ReadContext, { id: taskId, text }: { id: string; text: string }) =>
  ({ type: 'text', taskId, offset: 0, delta: live.latestText({ tenantId, taskId, text }) }) satisfies ChatEvent;

async function readLog({ db, user }: ReadContext, sessionId: string, after: number): Promise<DurableEvent[]> {
  const { rows } = await db.pool.query<{ seq: string; taskId: string; payload: NewEvent; createdAt: Date }>({
    name: `replay:${user.tenantId}`,
    text: `SELECT "seq", "taskId", "payload", "createdAt" FROM ${tenantTables(user.tenantId)}."ChatEvent"
           WHERE "sessionId" = $1 AND "seq" > $2 ORDER BY "seq" LIMIT ${REPLAY_SIZE}`,
    values: [sessionId, after],
  });
  return rows.map((row) =>
    toDurableEvent(row.payload, { seq: Number(row.seq), at: row.createdAt, taskId: row.taskId }),
  );
}
