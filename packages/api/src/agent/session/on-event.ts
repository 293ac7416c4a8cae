import { type Delivery, isGap, toSessionChannel } from '@it0/bus/bus';
import type { Batch, ChatEvent, DurableEvent } from '@it0/contracts/chat-event';
import { isDurable } from '@it0/contracts/event-kinds';
import { Id } from '@it0/contracts/ids';
import { quoteTenantSchema } from '@it0/db/sql';
import { delay } from '@it0/node/delay';
import { type TrackedEnvelope, tracked } from '@trpc/server';
import { z } from 'zod';
import { AppError } from '../../errors.ts';
import type { AgentContext } from '../agent-services.ts';
import { readableBy } from '../instance/access.ts';
import { StreamReader } from '../stream-reader.ts';
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

/** The part of the request context that a reader uses. It is small, since there may be very many readers. */
type ReadContext = Pick<AgentContext, 'db' | 'bus' | 'live' | 'log' | 'user'>;

/** State of a reader while tasks of the session run. */
type RunningTasks = { tasks: Set<string>; join: ReturnType<typeof createTextJoiner>; recheckTimer: NodeJS.Timeout };

/**
 * Streams the events of a session after `lastEventId`: first those in the log, then the partial text of running
 * replies, then live events. Each durable event arrives exactly once and in order. Yields batches, each tracked by the
 * last `seq` sent. Throws SESSION_NOT_FOUND, or EVENT_GAP when the log no longer has all events after `lastEventId`.
 */
export const onEvent = (ctx: AgentContext, input: z.infer<typeof OnEvent>): AsyncIterable<Frame> =>
  new SessionReader(ctx, input);

/**
 * Reads one session for one client.
 *
 *     bus ──► #deliveries ─────────┬──► #toFrame ──► client
 *     log ──► #open or #catchUp ───┘
 *
 * 1. The base class subscribes, so that from the beginning every delivery waits in `#deliveries`.
 * 2. `#open` sends what is in the log after `lastEventId`, and the partial texts.
 * 3. Then deliveries are sent one by one, without the events that the client already has.
 * 4. A delivery after a gap in `seq` waits until `#catchUp` has read the log. While tasks run, a timer causes that too.
 * 5. A piece of text after a gap in the text waits in `join` until `#requestText` has delivered the text before it.
 */
class SessionReader extends StreamReader<Frame, ReadContext> {
  readonly #sessionId: string;
  /** The `seq` up to which the client has all events. */
  #lastSeq = 0;
  #deliveries: Delivery[] = [];
  /** Frames that go before the deliveries. */
  #frames: AsyncGenerator<Frame, void> | undefined;
  #running: RunningTasks | undefined;

  constructor({ db, bus, live, log, user }: AgentContext, { sessionId, lastEventId }: z.infer<typeof OnEvent>) {
    super({ db, bus, live, log, user }, toSessionChannel(user.tenantId, sessionId));
    this.#sessionId = sessionId;
    this.#frames = this.#open(lastEventId);
  }

  protected receive(delivery: Delivery) {
    this.#deliveries.push(delivery);
    this.changed.set();
  }

  protected read(): Frame | undefined | Promise<Frame | undefined> {
    if (this.#frames) return this.#readFrame(this.#frames);
    const delivery = this.#deliveries.shift();
    if (!delivery) return this.changed.wait();
    if (!this.#isAfterGap(delivery)) return this.#toFrame(delivery);
    this.#frames = this.#catchUpTo(delivery);
  }

  protected override end() {
    super.end();
    clearInterval(this.#running?.recheckTimer);
  }

  async #readFrame(frames: AsyncGenerator<Frame, void>): Promise<Frame | undefined> {
    const { done, value } = await frames.next();
    if (!done) return value;
    this.#frames = undefined;
  }

  async *#open(lastEventId: string | undefined) {
    const session = await requireSession(this.ctx, this.#sessionId);
    this.#lastSeq = Number(lastEventId ?? session.seq);
    for (const { id } of session.tasks) this.#trackTasks().tasks.add(id);
    yield* this.#catchUp();
    if (this.#lastSeq < Number(session.seq)) throw eventGap();
    const texts = session.tasks
      .filter(({ id }) => this.#running?.tasks.has(id))
      .map((task) => toTextEvent(this.ctx, task))
      .filter((event) => event.delta !== '');
    if (texts.length > 0) yield this.#createFrame(this.#joinTexts(texts));
  }

  #isAfterGap(delivery: Delivery): boolean {
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
      const events = await readLog(this.ctx, this.#sessionId, this.#lastSeq);
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
      else if (event.type !== 'branch') this.#trackTasks().tasks.add(event.taskId);
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
      // A plain timer, not `every`: there may be many readers, and it only queues.
      recheckTimer: setInterval(() => this.receive({ upTo: Number.POSITIVE_INFINITY }), RECHECK_MS),
    };
    return this.#running;
  }

  async #requestText(taskId: string): Promise<void> {
    await delay(TEXT_RETRY_MS);
    if (this.isEnded) return;
    const event = await findText(this.ctx, this.#sessionId, taskId).catch(() => 'unknown' as const);
    if (event === 'unknown') return this.#requestText(taskId);
    if (event) this.receive([event]);
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
    text: `SELECT "seq", "taskId", "payload", "createdAt" FROM ${quoteTenantSchema(user.tenantId)}."ChatEvent"
           WHERE "sessionId" = $1 AND "seq" > $2 ORDER BY "seq" LIMIT ${REPLAY_SIZE}`,
    values: [sessionId, after],
  });
  return rows.map((row) =>
    toDurableEvent(row.payload, { seq: Number(row.seq), at: row.createdAt, taskId: row.taskId }),
  );
}
