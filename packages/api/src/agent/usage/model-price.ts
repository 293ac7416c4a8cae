import { limits } from '@it0/contracts/limits';
import { storableString } from '@it0/contracts/text';
import { quoteTenantSchema } from '@it0/db/sql';
import { z } from 'zod';
import type { UserContext } from '../../core.ts';
import { AppError } from '../../errors.ts';

/** ISO 4217 code of a currency. */
export const Currency = z.string().regex(/^[A-Z]{3}$/);

const Amount = z.number().min(0).max(1_000_000);

/** What a tenant pays for a model, for each million tokens. */
export const Price = z
  .object({
    currency: Currency.describe('ISO 4217, such as USD.'),
    input: Amount,
    cachedInput: Amount.nullable().describe(
      'For input that the provider read from its cache; null if that costs as much as other input.',
    ),
    output: Amount,
  })
  .meta({ id: 'ModelPrice', description: 'The price of a model, for each million tokens.' });

/** Input of `usage.removePrice`. */
export const ModelRef = z.object({ model: storableString(limits.name).min(1) });

/** Input of `usage.setPrice`. */
export const SetPrice = ModelRef.extend(Price.shape);

/** A model and its price. */
export const PricedModel = z
  .object({
    model: z.string().describe('The name of the model, as agents report it.'),
    price: Price.nullable().describe('Null if it has none.'),
  })
  .meta({ id: 'PricedModel' });
export type PricedModel = z.infer<typeof PricedModel>;

/** The number of prices that a tenant can have. */
const MAX_PRICES = 200;

/** Models that tasks of the last year used or that have a price. */
const MODELS = (schema: string) => `
  SELECT "model", CASE WHEN p."model" IS NOT NULL THEN to_jsonb(p) - 'model' END AS "price"
  FROM (
    SELECT "model" FROM ${schema}."AgentTask"
    WHERE "model" IS NOT NULL AND "inputTokens" IS NOT NULL AND "createdAt" > now() - interval '366 days'
    UNION
    SELECT "model" FROM ${schema}."ModelPrice"
  ) used
  LEFT JOIN ${schema}."ModelPrice" p USING ("model")
  ORDER BY "model"
  LIMIT ${2 * MAX_PRICES}`;

/** Lists the models that were used or have a price, by name. */
export async function listPrices(ctx: UserContext): Promise<PricedModel[]> {
  const { rows } = await ctx.db.pool.query<PricedModel>(MODELS(quoteTenantSchema(ctx.user.tenantId)));
  return rows;
}

/** Sets the price of a model, by which the costs of the past are computed, too. Throws INVALID_INPUT at the limit. */
export async function setPrice(ctx: UserContext, input: z.infer<typeof SetPrice>): Promise<void> {
  const { modelPrice } = ctx.db.tenant(ctx.user.tenantId);
  const others = await modelPrice.count({ where: { model: { not: input.model } } });
  if (others >= MAX_PRICES) throw new AppError('INVALID_INPUT', `At most ${MAX_PRICES} models can have a price.`);
  await modelPrice.upsert({ where: { model: input.model }, create: input, update: input });
}

/** Removes the price of a model, if it has one. */
export async function removePrice(ctx: UserContext, { model }: z.infer<typeof ModelRef>): Promise<void> {
  await ctx.db.tenant(ctx.user.tenantId).modelPrice.deleteMany({ where: { model } });
}
