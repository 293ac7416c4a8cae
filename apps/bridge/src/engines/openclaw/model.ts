/** The model of an agent, in the terms of OpenClaw's configuration. Its key is only in the gateway's environment. */
export type Model = {
  name: string;
  isScripted: boolean;
  provider: 'anthropic' | 'openai' | 'scripted';
  api: 'anthropic-messages' | 'openai-responses' | 'openai-completions';
  baseUrl: string;
  apiKey: string;
};

export type ModelKeys = {
  anthropicKey?: string;
  anthropicBaseUrl?: string;
  openAiKey?: string;
  openAiBaseUrl?: string;
  name?: string;
};

/** Selects the model by the available keys, Anthropic's first; null if there is none. Default names are OpenClaw's. */
export function selectModel({
  anthropicKey,
  anthropicBaseUrl,
  openAiKey,
  openAiBaseUrl,
  name,
}: ModelKeys): Model | null {
  if (anthropicKey) {
    const baseUrl = anthropicBaseUrl ?? 'https://api.anthropic.com';
    const api = 'anthropic-messages';
    return {
      name: name ?? 'claude-opus-5',
      isScripted: false,
      provider: 'anthropic',
      api,
      baseUrl,
      apiKey: anthropicKey,
    };
  }
  if (openAiKey) {
    // Other servers with OpenAI's API support only its older completions endpoint.
    const api = openAiBaseUrl ? 'openai-completions' : 'openai-responses';
    const baseUrl = openAiBaseUrl ?? 'https://api.openai.com/v1';
    return { name: name ?? 'gpt-6-astra', isScripted: false, provider: 'openai', api, baseUrl, apiKey: openAiKey };
  }
  return null;
}

export const createScriptedModelConfig = (baseUrl: string): Model => ({
  name: 'scripted',
  isScripted: true,
  provider: 'scripted',
  api: 'openai-completions',
  baseUrl,
  apiKey: 'none',
});
