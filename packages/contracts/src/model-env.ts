import type { BridgeModel } from './remote-bridge.ts';

const ofModels = /^(ANTHROPIC_|OPENAI_|IT0_MODEL$)/;

/** What a bridge's engine gets of an environment: with a model of its own, no other one's key and address. */
export function toModelEnv<Value extends string | undefined>(
  environment: Record<string, Value>,
  model: BridgeModel | undefined,
): Record<string, Value | string> {
  if (!model || model.provider === 'server') {
    // The operator of the server chose this address, so the allowed hosts for others do not apply.
    const { MODEL_ALLOW: _, ...rest } = environment;
    return rest;
  }
  const rest = Object.fromEntries(Object.entries(environment).filter(([name]) => !ofModels.test(name)));
  const { name, baseUrl, key } = model;
  const named: Record<string, string> = name ? { IT0_MODEL: name } : {};
  if (model.provider === 'anthropic')
    return { ...rest, ...named, ANTHROPIC_API_KEY: key ?? '', ...(baseUrl && { ANTHROPIC_BASE_URL: baseUrl }) };
  // A model on one's own machine may ask for no key, but OpenClaw wants one.
  if (model.provider === 'openai-compatible')
    return { ...rest, ...named, OPENAI_API_KEY: key ?? 'none', ...(baseUrl && { OPENAI_BASE_URL: baseUrl }) };
  return rest;
}
