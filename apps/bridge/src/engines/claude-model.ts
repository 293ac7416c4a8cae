import { startScriptedModel } from '../scripted-model/scripted-model.ts';

/** The model of the engines that speak Anthropic's API. Null: the scripted one. */
export type ClaudeModel = { name: string; baseUrl: string; apiKey: string };

export const DEFAULT_CLAUDE_MODEL = 'claude-opus-5';

export type OpenModel = {
  model: Promise<ClaudeModel>;
  info: { name: string; scripted: boolean };
  close(): Promise<void>;
};

/** The model that was configured, or the scripted one, which starts here. */
export function openModel(model: ClaudeModel | null): OpenModel {
  if (model)
    return { model: Promise.resolve(model), info: { name: model.name, scripted: false }, close: async () => {} };
  const scripted = startScriptedModel();
  return {
    // Claude Code knows the models it may use by their names.
    model: scripted.then(({ anthropicUrl }) => ({ name: DEFAULT_CLAUDE_MODEL, baseUrl: anthropicUrl, apiKey: 'none' })),
    info: { name: 'scripted', scripted: true },
    close: async () => (await scripted).close(),
  };
}
