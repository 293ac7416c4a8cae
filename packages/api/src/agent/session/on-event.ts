import { sessionChannel } from '@it0/bus/bus';
import { type Batch, type ChatEvent, type DurableEvent, isDurable } from '@it0/contracts/chat-event';
import { Id } from '@it0/contracts/ids';
import { tracked } from '@trpc/server';
import { z } from 'zod';
import type { UserContext } from '../../context.ts';
import { logged, tenantTables } from '../task/event-log.ts';
import { type NewEvent, running } from '../task/task.ts';
import { BatchQueue } from './batch-queue.ts';
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

/**
 * A session's events from `lastEventId` on: first what the log has, then the text so far of running replies, then live.
 * It listens before it reads, drops what it has sent, and reads the log wherever the bus left a gap, so each event
 * comes once and in order. Yields batches, each tracked by the last `seq` sent.
 */
export async function* onEvent(ctx: UserContext, input: z.infer<typeof OnEvent>, signal: AbortSignal | undefined) {
  const { tenantId } = ctx.user;
  const queue = new BatchQueue(signal);
  const stop = await ctx.bus.subscribe(sessionChannel(tenantId, input.sessionId), (batch) => queue.push(batch));
  try {
    const session = await requireSession(ctx, input.sessionId);
    let last = Number(input.lastEventId ?? session.seq);
    const frame = (batch: Batch) => {
      last = batch.findLast(isDurable)?.seq ?? last;
      return tracked(String(last), batch);
    };
    async function* catchUp() {
      for (;;) {
        const events = await readLog(ctx, input.sessionId, last);
        if (events.length > 0) yield frame(events);
        if (events.length < REPLAY) return;
      }
    }

    yield* catchUp();
    const texts = session.tasks.map((task) => textSoFar(ctx, task)).filter((event) => event.delta !== '');
    if (texts.length > 0) yield frame(texts);
    for await (const batch of queue) {
      const first = batch.find(isDurable);
      if (first && first.seq > last + 1) yield* catchUp();
      const news = batch.filter((event) => !isDurable(event) || event.seq > last);
      if (news.length > 0) yield frame(news);
    }
  } finally {
    stop();
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

const textSoFar = ({ live }: UserContext, task: { id: string; text: string }) =>
  ({ type: 'text', taskId: task.id, offset: 0, delta: live.find(task.id)?.text ?? task.text }) satisfies ChatEvent;

async function readLog({ db, user }: UserContext, sessionId: string, after: number): Promise<DurableEvent[]> {
  const { rows } = await db.pool.query<{ seq: string; taskId: string; payload: NewEvent; createdAt: Date }>({
    name: `replay:${user.tenantId}`,
    text: `SELECT "seq", "taskId", "payload", "createdAt" FROM ${tenantTables(user.tenantId)}."ChatEvent"
           WHERE "sessionId" = $1 AND "seq" > $2 ORDER BY "seq" LIMIT ${REPLAY}`,
    values: [sessionId, after],
  });
  return rows.map((row) => logged(row.payload, { seq: Number(row.seq), at: row.createdAt, taskId: row.taskId }));
}
