import { bridgeChannel } from '@it0/bus/bus';
import type { BridgeRequest, BridgeResponses } from '@it0/contracts/remote-bridge';
import type { Services } from '../../context.ts';
import { tenantTables } from '../task/event-log.ts';
import { createChannelSignal } from './channel-signal.ts';
import type { BridgeCall, BridgeResponse } from './send-request.ts';

/** Stands for the address of a bridge that nobody gets through to: it fetches what it is asked. */
export const POLLED = 'poll:';

type PollServices = Pick<Services, 'db' | 'bus' | 'keys'>;
type BridgeKey = { tenantId: string; instanceId: string | null };

/** How often is looked at what the bus may not have told. */
const RECHECK_MS = 1_000;
/** Who asked has given up by then. */
const STALE = `now() - interval '10 seconds'`;

/**
 * Asks by way of a row: whichever server the bridge asks for work hands it over, and its answer comes back the same way.
 * Null when there is none in time: nobody knows whether the request arrived, as with one over the wire.
 */
export async function requestViaPoll(
  { db, bus, keys }: PollServices,
  { tenantId, instanceId }: BridgeKey,
  call: BridgeCall,
  withinMs: number,
): Promise<BridgeResponse | null> {
  if (!instanceId) return null;
  const schema = tenantTables(tenantId);
  const channel = bridgeChannel(tenantId, instanceId);
  using signal = createChannelSignal(bus, [channel]);
  const { rows } = await db.pool.query<{ id: string }>(
    `INSERT INTO ${schema}."BridgeRequest" ("instanceId", "request") VALUES ($1, $2) RETURNING "id"`,
    [instanceId, keys.seal(JSON.stringify(call))],
  );
  const id = rows[0]!.id;
  bus.publish(channel, []);
  const end = performance.now() + withinMs;
  const answered = `DELETE FROM ${schema}."BridgeRequest" WHERE "id" = $1 AND "answer" IS NOT NULL RETURNING "answer"`;
  while (performance.now() < end) {
    await signal.next(Math.min(RECHECK_MS, end - performance.now()));
    const { rows } = await db.pool.query<{ answer: BridgeResponse }>(answered, [id]);
    if (rows[0]) return rows[0].answer;
  }
  await db.pool.query(`DELETE FROM ${schema}."BridgeRequest" WHERE "id" = $1`, [id]);
  return null;
}

/**
 * What a bridge is asked and has not been handed yet, the oldest first. Nothing for a check-in after which another one
 * came: that its connection is dead may not be known yet.
 */
export async function claimRequests(
  { db, keys }: PollServices,
  { tenantId, instanceId }: BridgeKey,
  lastSeenAt: Date,
): Promise<BridgeRequest[]> {
  const { rows } = await db.pool.query<{ id: string; request: Buffer }>(
    `UPDATE ${tenantTables(tenantId)}."BridgeRequest" SET "takenAt" = now()
     WHERE "instanceId" = $1 AND "takenAt" IS NULL AND "createdAt" > ${STALE}
       AND EXISTS (SELECT FROM public."RemoteBridge" WHERE "tenantId" = $2 AND "instanceId" = $1 AND "lastSeenAt" = $3)
     RETURNING "id", "request"`,
    [instanceId, tenantId, lastSeenAt],
  );
  return rows
    .sort((a, b) => Number(a.id) - Number(b.id))
    .map(({ id, request }) => ({ id, ...(JSON.parse(keys.open(request)) as BridgeCall) }));
}

/** Of its own requests only; one that nobody waits for any more is dropped. */
export async function recordResponses(
  { db, bus }: PollServices,
  { tenantId, instanceId }: BridgeKey,
  { responses: answers }: BridgeResponses,
) {
  const table = `${tenantTables(tenantId)}."BridgeRequest"`;
  for (const { id, ...answer } of answers) {
    await db.pool.query(`UPDATE ${table} SET "answer" = $3 WHERE "id"::text = $1 AND "instanceId" = $2`, [
      id,
      instanceId,
      JSON.stringify(answer),
    ]);
  }
  // What a server left that was killed while it waited.
  await db.pool.query(`DELETE FROM ${table} WHERE "instanceId" = $1 AND "createdAt" < ${STALE}`, [instanceId]);
  if (instanceId) bus.publish(bridgeChannel(tenantId, instanceId), []);
}
