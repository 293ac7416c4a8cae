import { Id } from '@it0/contracts/ids';
import { quoteTenantSchema } from '@it0/db/sql';
import { z } from 'zod';
import { lookupNames } from '../../auth/member/names.ts';
import type { UserContext } from '../../core.ts';
import { visibleSql } from '../instance/access.ts';
import { Currency } from './model-price.ts';

/** Input of `usage.byDay`. */
export const UsageByDay = z.object({
  days: z.int().min(1).max(366).default(30),
  timeZone: z
    .string()
    .max(60)
    .default('UTC')
    .refine(isTimeZone, 'Unknown time zone.')
    .describe('An IANA time zone, in which the days begin.'),
});

/** Tasks of one person with one agent that were created on one day. */
export const Usage = z
  .object({
    day: z.iso.date(),
    instanceId: Id.nullable().describe('Null for iAgent.'),
    instanceName: z.string().nullable(),
    ownerId: Id,
    ownerName: z.string().describe('Empty for a former member.'),
    tasks: z.int(),
    failed: z.int().describe('Tasks that failed or timed out.'),
    seconds: z.int().describe('From the message to the end of its task, including the time in the queue.'),
    inputTokens: z.int().describe('As reported by the engine. Tasks without a report count as 0.'),
    outputTokens: z.int(),
    cachedTokens: z.int().describe('The part of the input that was read from the provider’s cache.'),
    counted: z.int().describe('Tasks whose engine reported tokens.'),
    costs: z
      .array(z.object({ currency: Currency, amount: z.number() }))
      .describe('By the present prices of the models, one for each currency.'),
    unpriced: z.int().describe('Tasks with tokens of a model without a price, which `costs` does not include.'),
  })
  .meta({ id: 'UsageOfDay' });
type Usage = z.infer<typeof Usage>;

/** A row of the statement: the tasks whose prices have the same currency, or no price. */
type UsageRow = Omit<Usage, 'ownerName' | 'costs'> & { currency: string | null; cost: number | null };

/** One statement reads all tasks of the time, of the agents that the user sees, and their own with iAgent. */
const USAGE = (schema: string) => `
  SELECT to_char(t."createdAt" AT TIME ZONE $4, 'YYYY-MM-DD') AS "day",
    s."agentInstanceId" AS "instanceId", i."name" AS "instanceName", t."ownerId",
    count(*)::int AS "tasks",
    count(*) FILTER (WHERE t."status" IN ('FAILED', 'TIMED_OUT'))::int AS "failed",
    coalesce(sum(extract(epoch FROM t."endedAt" - t."createdAt")), 0)::int AS "seconds",
    coalesce(sum(t."inputTokens"), 0)::float8 AS "inputTokens",
    coalesce(sum(t."outputTokens"), 0)::float8 AS "outputTokens",
    coalesce(sum(t."cachedTokens"), 0)::float8 AS "cachedTokens",
    count(t."inputTokens")::int AS "counted",
    p."currency", ${COST} AS "cost",
    count(t."inputTokens") FILTER (WHERE p."model" IS NULL)::int AS "unpriced"
  FROM ${schema}."AgentTask" t
  JOIN ${schema}."AgentSession" s ON s."id" = t."sessionId"
  LEFT JOIN ${schema}."AgentInstance" i ON i."id" = s."agentInstanceId"
  LEFT JOIN ${schema}."ModelPrice" p ON p."model" = t."model"
  WHERE t."createdAt" >= (date_trunc('day', now() AT TIME ZONE $4) - ($3 - 1) * interval '1 day') AT TIME ZONE $4
    AND (s."ownerId" = $1 AND s."agentInstanceId" IS NULL OR ${visibleSql(schema, '$1', '$2')})
  GROUP BY 1, 2, 3, 4, p."currency"
  ORDER BY 1 DESC, 3, 2, 4, p."currency"`;

const COST = `sum(
  (t."inputTokens" - COALESCE(t."cachedTokens", 0)) * p."input"
  + COALESCE(t."cachedTokens", 0) * COALESCE(p."cachedInput", p."input")
  + COALESCE(t."outputTokens", 0) * p."output") / 1e6`;

/** Sums up the tasks of the last days by day, agent and person: of all agents that the user sees, and their own with iAgent. */
export async function listUsage(ctx: UserContext, { days, timeZone }: z.infer<typeof UsageByDay>): Promise<Usage[]> {
  const { id, role, tenantId } = ctx.user;
  const { rows } = await ctx.db.pool.query<UsageRow>(USAGE(quoteTenantSchema(tenantId)), [
    ...[id, role, days, timeZone],
  ]);
  const names = await lookupNames(
    ctx,
    rows.map(({ ownerId }) => ownerId),
  );
  return mergeCurrencies(rows).map((usage) => ({ ...usage, ownerName: names(usage.ownerId) }));
}

const SUMS = [
  'tasks',
  'failed',
  'seconds',
  'inputTokens',
  'outputTokens',
  'cachedTokens',
  'counted',
  'unpriced',
] as const;

/** Sums up consecutive rows of the same day, agent and person, which differ in the currency. */
function mergeCurrencies(rows: UsageRow[]): Omit<Usage, 'ownerName'>[] {
  const merged: Omit<Usage, 'ownerName'>[] = [];
  for (const { currency, cost, ...row } of rows) {
    const last = merged.at(-1);
    const costs = currency === null || cost === null ? [] : [{ currency, amount: cost }];
    const isSame = last?.day === row.day && last.instanceId === row.instanceId && last.ownerId === row.ownerId;
    if (!isSame) merged.push({ ...row, costs });
    else {
      for (const field of SUMS) last[field] += row[field];
      last.costs.push(...costs);
    }
  }
  return merged;
}

function isTimeZone(timeZone: string) {
  try {
    new Intl.DateTimeFormat('en', { timeZone });
    // Offsets such as `+08:00` have the other sign in PostgreSQL.
    return !/^[+-]/.test(timeZone);
  } catch {
    return false;
  }
}
