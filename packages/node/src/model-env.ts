/** The model of an instance. `server`: the server's own. */
type Model = {
  provider: 'server' | 'scripted' | 'anthropic' | 'openai-compatible';
  name: string | null;
  baseUrl: string | null;
  key: string | null;
};

const MODEL_VARIABLES = /^(ANTHROPIC_|OPENAI_|IT0_MODEL$)/;

/**
 * Returns the environment for a bridge's engine. An instance with its own model does not receive the key and address of
 * another model.
 */
export function toModelEnv<Value extends string | undefined>(
  environment: Record<string, Value>,
  model: Model | undefined,
): Record<string, Value | string> {
  if (!model || model.provider === 'server') {
    // The operator of the server chose this address, so the allowed hosts for others do not apply.
    const { MODEL_ALLOW: _, ...rest } = environment;
    return rest;
  }
  const rest = Object.fromEntries(Object.entries(environment).filter(([name]) => !MODEL_VARIABLES.test(name)));
  const { name, baseUrl, key } = model;
  const modelName: Record<string, string> = name ? { IT0_MODEL: name } : {};
  if (model.provider === 'anthropic')
    return { ...rest, ...modelName, ANTHROPIC_API_KEY: key ?? '', ...(baseUrl && { ANTHROPIC_BASE_URL: baseUrl }) };
  // A local model may need no key, but OpenClaw requires one.
  if (model.provider === 'openai-compatible')
    return { ...rest, ...modelName, OPENAI_API_KEY: key ?? 'none', ...(baseUrl && { OPENAI_BASE_URL: baseUrl }) };
  return rest;
}
