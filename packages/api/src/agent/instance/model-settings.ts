import { displayName } from '@it0/contracts/display-name';
import { limits } from '@it0/contracts/limits';
import { isPlainHttp } from '@it0/node/reach';
import { z } from 'zod';
import type { Services } from '../../context.ts';
import { AppError } from '../../errors.ts';

const Provider = z
  .enum(['server', 'scripted', 'anthropic', 'openai-compatible'])
  .meta({ id: 'ModelProvider', description: '`server`: whatever the server it runs beside was started with.' });

const ModelChoice = z.object({
  provider: Provider,
  name: z.string().trim().max(limits.name).nullable().describe('Null for the provider’s usual one.'),
  baseUrl: z
    .url({ protocol: /^https?$/ })
    .max(limits.url)
    .nullable()
    .describe('Null for the provider’s own.'),
});
type ModelChoice = z.infer<typeof ModelChoice>;

/** What is told of an instance's model. Its key never is. */
export const ModelSettings = ModelChoice.extend({ hasKey: z.boolean() }).meta({ id: 'ModelSettings' });
export type ModelSettings = z.infer<typeof ModelSettings>;

const isPlainHttpUrl = (value: string) => {
  const url = URL.parse(value);
  return url !== null && isPlainHttp(url);
};

export const ModelInput = ModelChoice.extend({
  name: displayName(limits.name).nullable().describe('Null for the provider’s usual one.'),
  baseUrl: ModelChoice.shape.baseUrl
    .unwrap()
    .refine(isPlainHttpUrl, 'Give a scheme, a host and a path, without a user, a query or a fragment.')
    .nullable()
    .describe('Null for the provider’s own.'),
  key: z
    .string()
    .trim()
    .min(1)
    .max(1_000)
    .regex(/^[\x21-\x7e]*$/, 'A key is in letters, digits and signs of ASCII.')
    .optional()
    .describe('Without one the key there was is kept, as long as it goes to the same place.'),
}).meta({ id: 'ModelInput' });
export type ModelInput = z.infer<typeof ModelInput>;

/** A model as whoever asks it needs it. */
export type Model = ModelChoice & { key: string | null };

/** What answers where no key is given. */
export const scriptedModel: Model = { provider: 'scripted', name: null, baseUrl: null, key: null };

type ModelRow = { model: unknown; modelKey: Uint8Array | null };
const DEFAULT_CHOICE: ModelChoice = { provider: 'server', name: null, baseUrl: null };
const parseChoice = ({ model }: ModelRow) => (model ? ModelChoice.parse(model) : DEFAULT_CHOICE);

export const toModelSettings = (row: ModelRow): ModelSettings => ({
  ...parseChoice(row),
  hasKey: row.modelKey !== null,
});

export const toBridgeModel = ({ keys }: Pick<Services, 'keys'>, row: ModelRow): Model => ({
  ...parseChoice(row),
  key: row.modelKey && keys.open(row.modelKey),
});

/** The given model with its key: the stored one goes nowhere but where it was given for. */
export function resolveKey(services: Pick<Services, 'keys'>, { key, ...choice }: ModelInput, before?: ModelRow): Model {
  const stored = before && toBridgeModel(services, before);
  const isSameEndpoint = stored?.provider === choice.provider && stored.baseUrl === choice.baseUrl;
  const resolvedKey = key ?? (isSameEndpoint ? stored.key : null);
  if (choice.provider === 'anthropic' && !resolvedKey)
    throw new AppError('MODEL_KEY_MISSING', 'This model needs its key.');
  return { ...choice, key: resolvedKey };
}

/** Refuses a model address outside MODEL_ALLOW. Host names are resolved only at the request itself. */
export function requireReachable({ modelReach }: Pick<Services, 'modelReach'>, { provider, baseUrl }: ModelChoice) {
  if (provider === 'server' || provider === 'scripted' || baseUrl === null) return;
  if (modelReach.permits(new URL(baseUrl))) return;
  const { host } = new URL(baseUrl);
  throw new AppError(
    'MODEL_ADDRESS_REFUSED',
    `This server may not ask a model at ${host}. Whoever runs it can allow that: MODEL_ALLOW=internet,${host}`,
  );
}

/** The columns of a row that keep a model. */
export const toModelColumns = ({ keys }: Pick<Services, 'keys'>, { key, ...chosen }: Model) => ({
  model: chosen,
  modelKey: key === null ? null : keys.seal(key),
});
