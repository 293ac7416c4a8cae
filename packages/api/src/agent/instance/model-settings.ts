import { displayName } from '@it0/contracts/display-name';
import { ModelProvider } from '@it0/contracts/instance';
import { limits } from '@it0/contracts/limits';
import { isPlainHttp, type Reach } from '@it0/node/reach';
import { z } from 'zod';
import type { Core } from '../../core.ts';
import { AppError } from '../../errors.ts';

const ModelChoice = z.object({
  provider: ModelProvider,
  name: z.string().trim().max(limits.name).nullable().describe('Null for the default model of the provider.'),
  baseUrl: z
    .url({ protocol: /^https?$/ })
    .max(limits.url)
    .nullable()
    .describe('Null for the default address of the provider.'),
});
type ModelChoice = z.infer<typeof ModelChoice>;

/** The model settings of an instance. They never include its key. */
export const ModelSettings = ModelChoice.extend({ hasKey: z.boolean() }).meta({ id: 'ModelSettings' });
export type ModelSettings = z.infer<typeof ModelSettings>;

const isPlainHttpUrl = (value: string) => {
  const url = URL.parse(value);
  return url !== null && isPlainHttp(url);
};

/** Model settings as the user enters them, with a new key when there is one. */
export const ModelInput = ModelChoice.extend({
  name: displayName(limits.name).nullable().describe('Null for the default model of the provider.'),
  baseUrl: ModelChoice.shape.baseUrl
    .unwrap()
    .refine(isPlainHttpUrl, 'Enter a URL with a scheme, a host and a path only, without user, query or fragment.')
    .nullable()
    .describe('Null for the default address of the provider.'),
  key: z
    .string()
    .trim()
    .min(1)
    .max(1_000)
    .regex(/^[\x21-\x7e]*$/, 'A key can contain ASCII characters only.')
    .optional()
    .describe('When omitted, the stored key remains if provider and address stay the same.'),
}).meta({ id: 'ModelInput' });
export type ModelInput = z.infer<typeof ModelInput>;

/** A model with its key, for requests to it. */
export type Model = ModelChoice & { key: string | null };

/** The default when no model is configured. */
export const SCRIPTED_MODEL: Model = { provider: 'scripted', name: null, baseUrl: null, key: null };

type ModelRow = { model: unknown; modelKey: Uint8Array | null };
const DEFAULT_CHOICE: ModelChoice = { provider: 'server', name: null, baseUrl: null };
const parseChoice = ({ model }: ModelRow) => (model ? ModelChoice.parse(model) : DEFAULT_CHOICE);

/** Converts the columns of an instance to its public model settings. */
export const toModelSettings = (row: ModelRow): ModelSettings => ({
  ...parseChoice(row),
  hasKey: row.modelKey !== null,
});

/** Converts the columns of an instance to the model with its decrypted key, as its bridge needs it. */
export const toBridgeModel = ({ keys }: Core, row: ModelRow): Model => ({
  ...parseChoice(row),
  key: row.modelKey && keys.open(row.modelKey),
});

/**
 * Returns the chosen model with its key. The stored key is used only for the provider and address it was given for, so
 * that it cannot be sent elsewhere. Throws MODEL_KEY_MISSING.
 */
export function resolveKey(services: Core, { key, ...choice }: ModelInput, before?: ModelRow): Model {
  const stored = before && toBridgeModel(services, before);
  const isSameEndpoint = stored?.provider === choice.provider && stored.baseUrl === choice.baseUrl;
  const resolvedKey = key ?? (isSameEndpoint ? stored.key : null);
  if (choice.provider === 'anthropic' && !resolvedKey)
    throw new AppError('MODEL_KEY_MISSING', 'This model requires a key.');
  return { ...choice, key: resolvedKey };
}

/**
 * Requires that MODEL_ALLOW permits the address of the model. Host names are resolved only at the request itself.
 * Throws MODEL_ADDRESS_REFUSED.
 */
export function requireReachable(reach: Reach, { provider, baseUrl }: ModelChoice) {
  if (provider === 'server' || provider === 'scripted' || baseUrl === null) return;
  if (reach.permits(new URL(baseUrl))) return;
  const { host } = new URL(baseUrl);
  throw new AppError(
    'MODEL_ADDRESS_REFUSED',
    `This server may not connect to a model at ${host}. Its operator can allow that: MODEL_ALLOW=internet,${host}`,
  );
}

/** Returns the database columns for a model. */
export const toModelColumns = ({ keys }: Core, { key, ...chosen }: Model) => ({
  model: chosen,
  modelKey: key === null ? null : keys.seal(key),
});
