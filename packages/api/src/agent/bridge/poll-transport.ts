import { toBridgeChannel } from '@it0/bus/bus';
import type { BridgeRequest, BridgeResponses } from '@it0/contracts/remote-bridge';
import { quoteTenantSchema } from '@it0/db/sql';
import type { Core } from '../../core.ts';
import { createChannelSignal } from './channel-signal.ts';
import type { BridgeCall, BridgeResponse } from './send-request.ts';

type BridgeKey = { tenantId: string; instanceId: string | null };

/** Interval at which the database is read, in case the bus lost a message. */
const RECHECK_MS = 1_000;
/** By then, the request has timed out. */
const STALE = `now() - interval '10 seconds'`;

/**
 * Sends a request to a polling bridge through the database. Any server can hand it to the bridge and record the
 * response. Returns null when there is no response in time. As over HTTP, the request may have arrived nevertheless.
 */
export async function requestViaPoll(
  { db, bus, keys }: Core,
  { tenantId, instanceId }: BridgeKey,
  call: BridgeCall,
  withinMs: number,
): Promise<BridgeResponse | null> {
  if (!instanceId) return null;
  const schema = quoteTenantSchema(tenantId);
  const channel = toBridgeChannel(tenantId, instanceId);
  using signal = createChannelSignal(bus, [channel]);
  const { rows } = await db.pool.query<{ id: string }>(
    `INSERT INTO ${schema}."BridgeRequest" ("instanceId", "request") VALUES ($1, $2) RETURNING "id"`,
    [instanceId, keys.seal(JSON.stringify(call))],
  );
  const id = rows[0]!.id;
  bus.publish(channel, []);
  const end = performance.now() + withinMs;
  const takeResponse = `
    DELETE FROM ${schema}."BridgeRequest" WHERE "id" = $1 AND "answer" IS NOT NULL
    RETURNING "answer"`;
  while (performance.now() < end) {
    await signal.next(Math.min(RECHECK_MS, end - performance.now()));
    const { rows } = await db.pool.query<{ answer: BridgeResponse }>(takeResponse, [id]);
    if (rows[0]) return rows[0].answer;
  }
  await db.pool.query(`DELETE FROM ${schema}."BridgeRequest" WHERE "id" = $1`, [id]);
  return null;
}

/**
 * Claims the requests that have not been handed to the bridge yet, oldest first. Returns none when the bridge has
 * checked in again since `lastSeenAt`: the connection of the earlier check-in is then dead, although the server may not
 * know it.
 */
export async function claimRequests(
  { db, keys }: Core,
  { tenantId, instanceId }: BridgeKey,
  lastSeenAt: Date,
): Promise<BridgeRequest[]> {
  const { rows } = await db.pool.query<{ id: string; request: Buffer }>(
    `UPDATE ${quoteTenantSchema(tenantId)}."BridgeRequest" SET "takenAt" = now()
     WHERE "instanceId" = $1 AND "takenAt" IS NULL AND "createdAt" > ${STALE}
       AND EXISTS (
         SELECT FROM public."RemoteBridge"
         WHERE "tenantId" = $2 AND "instanceId" = $1 AND "lastSeenAt" = $3)
     RETURNING "id", "request"`,
    [instanceId, tenantId, lastSeenAt],
  );
  return rows
    .sort((a, b) => Number(a.id) - Number(b.id))
    .map(({ id, request }) => ({ id, ...(JSON.parse(keys.open(request)) as BridgeCall) }));
}

/** Records the responses of a bridge to its own requests, and deletes requests that have timed out. */
export async function recordResponses(
  { db, bus }: Core,
  { tenantId, instanceId }: BridgeKey,
  { responses }: BridgeResponses,
) {
  const table = `${quoteTenantSchema(tenantId)}."BridgeRequest"`;
  for (const { id, ...response } of responses) {
    await db.pool.query(`UPDATE ${table} SET "answer" = $3 WHERE "id"::text = $1 AND "instanceId" = $2`, [
      id,
      instanceId,
      JSON.stringify(response),
    ]);
  }
  // Left behind by a server that was killed while it waited.
  await db.pool.query(`DELETE FROM ${table} WHERE "instanceId" = $1 AND "createdAt" < ${STALE}`, [instanceId]);
  if (instanceId) bus.publish(toBridgeChannel(tenantId, instanceId), []);
}
