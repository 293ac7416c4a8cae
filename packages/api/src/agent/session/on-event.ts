import { setTimeout as sleep } from 'node:timers/promises';
import { type Delivery, isGap, sessionChannel } from '@it0/bus/bus';
import { type Batch, type ChatEvent, type DurableEvent, isDurable } from '@it0/contracts/chat-event';
import { Id } from '@it0/contracts/ids';
import { type TrackedEnvelope, tracked } from '@trpc/server';
import { z } from 'zod';
import { explainMissingTables } from '../../auth/tenant/missing-tables.ts';
import type { UserContext } from '../../context.ts';
import { readableBy } from '../instance/access.ts';
import { tenantTables, toDurableEvent } from '../task/event-log.ts';
import { type NewEvent, openStatuses } from '../task/task.ts';
import { joinTexts } from './join-texts.ts';
import { sessionNotFound } from './session.ts';

export const OnEvent = z.object({
  sessionId: Id,
  /** The `seq` up to which the client has everything: what `session.messages` answered, or the last batch's id. */
  lastEventId: z
    .string()
    .regex(/^\d{1,15}$/)
    .optional(),
});

const REPLAY = 500;
/** How soon the text so far is read once more: it is saved every second. */
const TEXT_AGAIN_MS = 500;
/** How soon the log shows what the bus lost, while a task runs. */
const LOOK_AGAIN_MS = 10_000;

type Frame = TrackedEnvelope<Batch>;

/** What reading needs of a request's context, and no more: there may be very many who read. */
type Reading = Pick<UserContext, 'db' | 'bus' | 'live' | 'log' | 'user'>;

/** What a reader keeps as long as a task of the session runs. */
type Running = { tasks: Set<string>; join: ReturnType<typeof joinTexts>; lookAgain: NodeJS.Timeout };

/**
 * A session's events from `lastEventId` on: first what the log has, then the text so far of running replies, then live.
 * It listens before it reads, drops what it has sent, and reads the log wherever the bus left a gap, so each event
 * comes once and in order. Yields batches, each tracked by the last `seq` sent.
 */
export const onEvent = (ctx: UserContext, input: z.infer<typeof OnEvent>): AsyncIterable<Frame> =>
  new SessionReader(ctx, input);

/**
 * An iterator by hand: a reader waits nearly always, and there are many, so one that waits holds next to nothing. It ends
 * at once when it is returned, while it waits for the next event too; a generator would not.
 */
class SessionReader implements AsyncIterableIterator<Frame> {
  readonly #ctx: Reading;
  readonly #sessionId: string;
  #last = 0;
  #news: Delivery[] = [];
  #wake: (() => void) | undefined;
  #stop: (() => void) | undefined;
  #running: Running | undefined;
  #frames: AsyncGenerator<Frame> | undefined;
  #ended = false;

  constructor(ctx: UserContext, { sessionId, lastEventId }: z.infer<typeof OnEvent>) {
    const { db, bus, live, log, user } = ctx;
    this.#ctx = { db, bus, live, log, user };
    this.#sessionId = sessionId;
    this.#frames = this.#begin(lastEventId);
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
        const news = this.#news.shift();
        if (!news) await new Promise<void>((resolve) => (this.#wake = resolve));
        else if (this.#isAfterGap(news)) this.#frames = this.#catchUpTo(news);
        else {
          const value = this.#frameOf(news);
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

  #hear(news: Delivery) {
    this.#news.push(news);
    this.#wake?.();
  }

  #end() {
    this.#ended = true;
    this.#stop?.();
    this.#stop = undefined;
    clearInterval(this.#running?.lookAgain);
    this.#wake?.();
  }

  async *#begin(lastEventId: string | undefined) {
    const channel = sessionChannel(this.#ctx.user.tenantId, this.#sessionId);
    this.#stop = this.#ctx.bus.subscribe(channel, (news) => this.#hear(news));
    const session = await requireSession(this.#ctx, this.#sessionId);
    this.#last = Number(lastEventId ?? session.seq);
    for (const { id } of session.tasks) this.#whileRunning().tasks.add(id);
    yield* this.#catchUp();
    const texts = session.tasks
      .filter(({ id }) => this.#running?.tasks.has(id))
      .map((task) => textSoFar(this.#ctx, task))
      .filter((event) => event.delta !== '');
    if (texts.length > 0) yield this.#frame(this.#joined(texts));
  }

  #isAfterGap(news: Delivery): boolean {
    return isGap(news) ? news.upTo > this.#last : (news.find(isDurable)?.seq ?? 0) > this.#last + 1;
  }

  async *#catchUpTo(news: Delivery) {
    yield* this.#catchUp();
    const frame = this.#frameOf(news);
    if (frame) yield frame;
  }

  #frameOf(news: Delivery): Frame | undefined {
    if (isGap(news)) return;
    const isKnown = (event: ChatEvent) => isDurable(event) && event.seq <= this.#last;
    const batch = this.#joined(news.some(isKnown) ? news.filter((event) => !isKnown(event)) : news);
    return batch.length > 0 ? this.#frame(batch) : undefined;
  }

  async *#catchUp() {
    for (;;) {
      const events = await readLog(this.#ctx, this.#sessionId, this.#last);
      if (events.length > 0) yield this.#frame(this.#joined(events));
      if (events.length < REPLAY) return;
    }
  }

  #joined(batch: Batch): Batch {
    const mayHaveHoles = this.#running || batch.some((event) => event.type === 'text');
    return mayHaveHoles ? this.#whileRunning().join(batch) : batch;
  }

  #frame(batch: Batch): Frame {
    for (const event of batch) {
      if (!isDurable(event)) continue;
      if (event.type === 'completed' || event.type === 'error') this.#running?.tasks.delete(event.taskId);
      else this.#whileRunning().tasks.add(event.taskId);
      this.#last = event.seq;
    }
    if (this.#running?.tasks.size === 0) {
      clearInterval(this.#running.lookAgain);
      this.#running = undefined;
    }
    return tracked(String(this.#last), batch);
  }

  #whileRunning(): Running {
    this.#running ??= {
      tasks: new Set(),
      join: joinTexts((taskId) => void this.#askForText(taskId)),
      lookAgain: setInterval(() => this.#hear({ upTo: Number.POSITIVE_INFINITY }), LOOK_AGAIN_MS),
    };
    return this.#running;
  }

  async #askForText(taskId: string): Promise<void> {
    await sleep(TEXT_AGAIN_MS);
    if (this.#ended) return;
    const event = await findText(this.#ctx, this.#sessionId, taskId).catch(() => 'unknown' as const);
    if (event === 'unknown') return this.#askForText(taskId);
    if (event) this.#hear([event]);
  }
}

async function requireSession({ db, user }: Reading, id: string) {
  const session = await db.tenant(user.tenantId).agentSession.findUnique({
    where: { id, ...readableBy(user) },
    select: {
      seq: true,
      tasks: { where: { status: { in: [...openStatuses] } }, select: { id: true, text: true }, orderBy: { id: 'asc' } },
    },
  });
  if (!session) throw sessionNotFound();
  return session;
}

async function findText(ctx: Reading, sessionId: string, taskId: string) {
  const task = await ctx.db.tenant(ctx.user.tenantId).agentTask.findUnique({
    where: { id: taskId, sessionId, status: { in: [...openStatuses] } },
    select: { id: true, text: true },
  });
  return task && textSoFar(ctx, task);
}

const textSoFar = ({ live, user: { tenantId } }: Reading, { id: taskId, text }: { id: string; text: string }) =>
  ({ type: 'text', taskId, offset: 0, delta: live.textOf({ tenantId, taskId, text }) }) satisfies ChatEvent;

async function readLog({ db, user }: Reading, sessionId: string, after: number): Promise<DurableEvent[]> {
  const { rows } = await db.pool.query<{ seq: string; taskId: string; payload: NewEvent; createdAt: Date }>({
    name: `replay:${user.tenantId}`,
    text: `SELECT "seq", "taskId", "payload", "createdAt" FROM ${tenantTables(user.tenantId)}."ChatEvent"
           WHERE "sessionId" = $1 AND "seq" > $2 ORDER BY "seq" LIMIT ${REPLAY}`,
    values: [sessionId, after],
  });
  return rows.map((row) =>
    toDurableEvent(row.payload, { seq: Number(row.seq), at: row.createdAt, taskId: row.taskId }),
  );
}
