import { setTimeout as sleep } from 'node:timers/promises';
import { isMissed, sessionChannel } from '@it0/bus/bus';
import { type Batch, type ChatEvent, type DurableEvent, isDurable } from '@it0/contracts/chat-event';
import { Id } from '@it0/contracts/ids';
import { tracked } from '@trpc/server';
import { z } from 'zod';
import type { UserContext } from '../../context.ts';
import { logged, tenantTables } from '../task/event-log.ts';
import { type NewEvent, running } from '../task/task.ts';
import { joinTexts } from './join-texts.ts';
import { NewsQueue } from './news-queue.ts';
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

/**
 * A session's events from `lastEventId` on: first what the log has, then the text so far of running replies, then live.
 * It listens before it reads, drops what it has sent, and reads the log wherever the bus left a gap, so each event
 * comes once and in order. Yields batches, each tracked by the last `seq` sent.
 */
export async function* onEvent(ctx: UserContext, input: z.infer<typeof OnEvent>, signal: AbortSignal | undefined) {
  const { tenantId } = ctx.user;
  const queue = new NewsQueue(signal);
  const stop = ctx.bus.subscribe(sessionChannel(tenantId, input.sessionId), (news) => queue.push(news));
  const open = new Set<string>();
  const lookAgain = setInterval(() => open.size > 0 && queue.push({ upTo: Number.POSITIVE_INFINITY }), LOOK_AGAIN_MS);
  const askForText = async (taskId: string): Promise<void> => {
    await sleep(TEXT_AGAIN_MS, undefined, { signal });
    const event = await findText(ctx, taskId).catch(() => 'unknown' as const);
    if (event === 'unknown') return askForText(taskId);
    if (event) queue.push([event]);
  };
  const join = joinTexts((taskId) => void askForText(taskId).catch(() => {}));
  try {
    const session = await requireSession(ctx, input.sessionId);
    let last = Number(input.lastEventId ?? session.seq);
    const frame = (batch: Batch) => {
      for (const event of batch) {
        if (event.type === 'completed' || event.type === 'error') open.delete(event.taskId);
        else open.add(event.taskId);
      }
      last = batch.findLast(isDurable)?.seq ?? last;
      return tracked(String(last), batch);
    };
    async function* catchUp() {
      for (;;) {
        const events = await readLog(ctx, input.sessionId, last);
        if (events.length > 0) yield frame(events.flatMap(join));
        if (events.length < REPLAY) return;
      }
    }

    for (const { id } of session.tasks) open.add(id);
    yield* catchUp();
    const texts = session.tasks
      .filter(({ id }) => open.has(id))
      .map((task) => textSoFar(ctx, task))
      .filter((event) => event.delta !== '');
    if (texts.length > 0) yield frame(texts.flatMap(join));
    for await (const news of queue) {
      const missed = isMissed(news) ? news.upTo > last : (news.find(isDurable)?.seq ?? 0) > last + 1;
      if (missed) yield* catchUp();
      if (isMissed(news)) continue;
      const batch = news.filter((event) => !isDurable(event) || event.seq > last).flatMap(join);
      if (batch.length > 0) yield frame(batch);
    }
  } finally {
    stop();
    clearInterval(lookAgain);
  }
}

async function requireSession({ db, user }: UserContext, id: string) {
  const session = await db.tenant(user.tenantId).agentSession.findUnique({
    where: { id, ownerId: user.id },
    select: {
      seq: true,
      tasks: { where: { status: { in: [...running] } }, select: { id: true, text: true }, orderBy: { id: 'asc' } },
    },
  });
  if (!session) throw sessionNotFound();
  return session;
}

async function findText(ctx: UserContext, taskId: string) {
  const task = await ctx.db.tenant(ctx.user.tenantId).agentTask.findUnique({
    where: { id: taskId, ownerId: ctx.user.id, status: { in: [...running] } },
    select: { id: true, text: true },
  });
  return task && textSoFar(ctx, task);
}

const textSoFar = ({ live }: UserContext, task: { id: string; text: string }) =>
  ({ type: 'text', taskId: task.id, offset: 0, delta: live.textOf(task) }) satisfies ChatEvent;

async function readLog({ db, user }: UserContext, sessionId: string, after: number): Promise<DurableEvent[]> {
  const { rows } = await db.pool.query<{ seq: string; taskId: string; payload: NewEvent; createdAt: Date }>({
    name: `replay:${user.tenantId}`,
    text: `SELECT "seq", "taskId", "payload", "createdAt" FROM ${tenantTables(user.tenantId)}."ChatEvent"
           WHERE "sessionId" = $1 AND "seq" > $2 ORDER BY "seq" LIMIT ${REPLAY}`,
    values: [sessionId, after],
  });
  return rows.map((row) => logged(row.payload, { seq: Number(row.seq), at: row.createdAt, taskId: row.taskId }));
}
