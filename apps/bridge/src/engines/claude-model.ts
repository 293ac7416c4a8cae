import { startScriptedModel } from '../scripted-model/scripted-model.ts';

/** The model of the engines that speak Anthropic's API. Null: the scripted one. */
export type ClaudeModel = { name: string; baseUrl: string; apiKey: string };

export const claudeModelName = 'claude-opus-5';

export type ModelInUse = {
  at: Promise<ClaudeModel>;
  shown: { name: string; scripted: boolean };
  close(): Promise<void>;
};

/** The model that was configured, or the scripted one, which starts here. */
export function useModel(model: ClaudeModel | null): ModelInUse {
  if (model) return { at: Promise.resolve(model), shown: { name: model.name, scripted: false }, close: async () => {} };
  const scripted = startScriptedModel();
  return {
    // Claude Code knows the models it may use by their names.
    at: scripted.then(({ anthropicUrl }) => ({ name: claudeModelName, baseUrl: anthropicUrl, apiKey: 'none' })),
    shown: { name: 'scripted', scripted: true },
    close: async () => (await scripted).close(),
  };
}
