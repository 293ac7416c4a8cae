import type { BridgeModel } from '@it0/contracts/remote-bridge';

const ofModels = /^(ANTHROPIC_|OPENAI_|IT0_MODEL$)/;

/** What the engine gets of the environment: with a model of its own, no other one's key and address. */
export function modelEnv(environment: NodeJS.ProcessEnv, model: BridgeModel | undefined): NodeJS.ProcessEnv {
  if (!model || model.provider === 'server') return environment;
  const rest = Object.fromEntries(Object.entries(environment).filter(([name]) => !ofModels.test(name)));
  const { name, baseUrl, key } = model;
  const named = name ? { IT0_MODEL: name } : {};
  if (model.provider === 'anthropic')
    return { ...rest, ...named, ANTHROPIC_API_KEY: key ?? '', ...(baseUrl && { ANTHROPIC_BASE_URL: baseUrl }) };
  // A model on one's own machine may ask for no key, but OpenClaw wants one.
  if (model.provider === 'openai-compatible')
    return { ...rest, ...named, OPENAI_API_KEY: key ?? 'none', ...(baseUrl && { OPENAI_BASE_URL: baseUrl }) };
  return rest;
}
