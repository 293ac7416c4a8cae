import type { Model } from '@it0/api/agent/instance/model-settings';

type Environment = Record<string, string>;

const ofModels = /^(ANTHROPIC_|OPENAI_|IT0_MODEL$)/;

/** What a bridge gets of the environment: with a model of its own, no other one's key and address. */
export function modelEnv(environment: Environment, model: Model | undefined): Environment {
  if (!model || model.provider === 'server') return environment;
  const rest = Object.fromEntries(Object.entries(environment).filter(([name]) => !ofModels.test(name)));
  const { name, baseUrl, key } = model;
  const named: Environment = name ? { IT0_MODEL: name } : {};
  if (model.provider === 'anthropic')
    return { ...rest, ...named, ANTHROPIC_API_KEY: key ?? '', ...(baseUrl && { ANTHROPIC_BASE_URL: baseUrl }) };
  // A model on one's own machine may ask for no key, but OpenClaw wants one.
  if (model.provider === 'openai-compatible')
    return { ...rest, ...named, OPENAI_API_KEY: key ?? 'none', ...(baseUrl && { OPENAI_BASE_URL: baseUrl }) };
  return rest;
}
