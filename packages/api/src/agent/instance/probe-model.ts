import http, { type RequestOptions } from 'node:http';
import https from 'node:https';
import { Id } from '@it0/contracts/ids';
import { Reason } from '@it0/contracts/reasons';
import { z } from 'zod';
import { AppError } from '../../errors.ts';
import type { AgentContext } from '../agent-services.ts';
import { requireOwnedInstance } from './instance.ts';
import { type Model, ModelInput, requireReachable, resolveKey, toBridgeModel } from './model-settings.ts';

/** Input of `instance.testModel`. */
export const TestModel = z.object({
  instanceId: Id,
  model: ModelInput.optional().describe('A model to test before it is saved. The instance’s model when omitted.'),
});

/** The result of a test request to a model. */
export const ModelTest = z
  .object({
    reason: Reason.nullable().describe('Why the test failed; null when it succeeded.'),
    status: z.int().nullable().describe('HTTP status of the provider.'),
  })
  .meta({ id: 'ModelTest' });
export type ModelTest = z.infer<typeof ModelTest>;

/** Time limit of a test request. */
const TIMEOUT_MS = 8_000;

/**
 * Tests a model with a one-word request from this server. The key is sent only to its provider. Throws
 * INSTANCE_NOT_FOUND, MODEL_KEY_MISSING, MODEL_ADDRESS_REFUSED, INVALID_INPUT or TOO_MANY_REQUESTS.
 */
export async function probeModel(ctx: AgentContext, input: z.infer<typeof TestModel>): Promise<ModelTest> {
  const instance = await requireOwnedInstance(ctx, input.instanceId);
  await ctx.rateLimits.createTask(ctx.user.id);
  const chosen = input.model ? resolveKey(ctx, input.model, instance) : toBridgeModel(ctx, instance);
  if (chosen.provider === 'server' && instance.driver === 'remote') {
    throw new AppError(
      'INVALID_INPUT',
      'The bridge on the other host chooses this model, so the server cannot test it.',
    );
  }
  // Address and key are both the server's, so its key is never sent to an address that a user entered.
  const model = chosen.provider === 'server' ? ctx.serverModel : chosen;
  if (model.provider === 'scripted') return { reason: null, status: null };
  if (model === chosen) requireReachable(ctx.modelReach, model);
  const { url, ...request } = toRequest(model);
  // The address of the server's own model is configured by its operator and needs no check.
  const reach = model === chosen ? ctx.modelReach.createRequestOptions(new URL(url)) : {};
  try {
    const status = await post(url, { ...request, ...reach });
    return { reason: status < 300 ? null : toReason(status), status };
  } catch {
    // The same result for an unreachable and a forbidden address, so that it reveals nothing about the network.
    return { reason: 'MODEL_UNAVAILABLE', status: null };
  }
}

type Post = RequestOptions & { body: string };

/** Returns the HTTP status of a request to the model. Does not read the body or follow redirects. */
async function post(url: string, { body, ...options }: Post): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const { request } = url.startsWith('https:') ? https : http;
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  const clientRequest = request(url, { method: 'POST', agent: false, signal, ...options }, (response) => {
    resolve(response.statusCode ?? 0);
    response.destroy();
  });
  clientRequest.on('error', reject).end(body);
  return promise;
}

function toRequest({ provider, name, baseUrl, key }: Model) {
  const messages = [{ role: 'user', content: 'Say: ok' }];
  const json = { 'content-type': 'application/json' };
  if (provider === 'anthropic')
    return {
      url: `${trimSlashes(baseUrl ?? 'https://api.anthropic.com')}/v1/messages`,
      headers: { ...json, 'x-api-key': key ?? '', 'anthropic-version': '2023-06-01' },
      body: JSON.stringify({ model: name ?? 'claude-opus-5', max_tokens: 1, messages }),
    };
  return {
    url: `${trimSlashes(baseUrl ?? 'https://api.openai.com/v1')}/chat/completions`,
    headers: { ...json, ...(key ? { authorization: `Bearer ${key}` } : {}) },
    body: JSON.stringify({ model: name ?? 'gpt-6-astra', messages }),
  };
}

const trimSlashes = (url: string) => url.replace(/\/+$/, '');

function toReason(status: number): Reason {
  if (status === 401 || status === 403) return 'MODEL_KEY_REFUSED';
  return status === 429 ? 'MODEL_RATE_LIMITED' : 'MODEL_UNAVAILABLE';
}
