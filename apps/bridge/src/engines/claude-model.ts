import { startScriptedModel } from '../scripted-model/scripted-model.ts';

/** The model of an engine that uses Anthropic's API. Null means the scripted model. */
export type ClaudeModel = { name: string; baseUrl: string; apiKey: string };

export const DEFAULT_CLAUDE_MODEL = 'claude-opus-5';

/** A model that an engine can use until it is disposed. */
export type OpenModel = AsyncDisposable & {
  model: Promise<ClaudeModel>;
  info: { name: string; scripted: boolean };
};

/** Opens the configured model. Starts the scripted model if there is none. */
export function openModel(model: ClaudeModel | null): OpenModel {
  if (model)
    return {
      model: Promise.resolve(model),
      info: { name: model.name, scripted: false },
      [Symbol.asyncDispose]: async () => {},
    };
  const scripted = startScriptedModel();
  return {
    // Claude Code accepts only model names that it knows.
    model: scripted.then(({ anthropicUrl }) => ({ name: DEFAULT_CLAUDE_MODEL, baseUrl: anthropicUrl, apiKey: 'none' })),
    info: { name: 'scripted', scripted: true },
    [Symbol.asyncDispose]: async () => (await scripted)[Symbol.asyncDispose](),
  };
}
