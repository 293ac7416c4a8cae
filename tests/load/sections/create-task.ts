import { v7 as newId } from 'uuid';
import { requestsPerSecond } from '../load.ts';
import { type Round, type Row, toRow } from '../report.ts';
import type { Options, World } from '../world.ts';

const clients = 20;
const message = 'Please look at the disk of web-3 and tell me what fills it.';

/**
 * Measures how fast messages are accepted and stored: 20 clients send them to sessions with a running task. The peer is
 * the usual implementation, an interactive Prisma transaction.
 */
export async function createTask(world: World, { ms, rounds }: Options): Promise<Row[]> {
  await using baseline = await world.startSubject('baseline');
  await using prisma = await world.startSubject('prisma');
  const { tenantId, userId: ownerId, instanceId, cookie } = world;
  const sessions = await world.newSessions(clients);
  await world.db.pool.query(
    `INSERT INTO public."Dispatch" ("tenantId", "sessionId", "taskId", "due")
     SELECT $1, s, t, now() + interval '1 hour' FROM unnest($2::uuid[], $3::uuid[]) v(s, t)`,
    [tenantId, sessions.map(({ sessionId }) => sessionId), sessions.map(({ taskId }) => taskId)],
  );
  const task = (client: number) => ({
    instanceId,
    sessionId: sessions[client]!.sessionId,
    requestId: newId(),
    message,
  });
  const full = (client: number) => JSON.stringify({ ...task(client), ownerId, tenantId });
  const headers = { cookie };
  const load = { clients, ms, status: 200 };
  const measure = {
    value: () =>
      requestsPerSecond(world.server, {
        ...load,
        next: (client) => ({ path: '/trpc/instance.createTask', headers, body: JSON.stringify(task(client)) }),
      }),
    baseline: () =>
      requestsPerSecond(baseline, { ...load, next: (client) => ({ path: '/create', body: full(client) }) }),
    peer: () =>
      requestsPerSecond(prisma, { ...load, next: (client) => ({ path: '/trpc/createTask', body: full(client) }) }),
  };

  const measured: Round[] = [];
  for (let round = 0; round <= rounds; round++) {
    const result = { baseline: await measure.baseline(), value: await measure.value(), peer: await measure.peer() };
    // The first round is a warm-up.
    if (round > 0) measured.push(result);
    await world.db.pool.query('DELETE FROM public."Dispatch" WHERE "due" <= now()');
  }
  return [toRow('createTask, 20 clients, requests/s', measured, { baseline: 0.45, peer: 4, is: 'at least' })];
}
