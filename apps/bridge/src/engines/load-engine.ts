import type { Logger } from 'pino';
import type { Approvals } from '../approvals.ts';
import type { Env } from '../env.ts';
import { type ClaudeModel, claudeModelName } from './claude-model.ts';
import type { Engine } from './engine.ts';

export type EngineOptions = {
  env: Env;
  /** What an agent's own processes get to see of the environment. */
  environment: Record<string, string>;
  log: Logger;
};

/** How the engine that the environment names is made. Only that one is loaded. */
export async function loadEngine({ env, environment, log }: EngineOptions): Promise<(approvals: Approvals) => Engine> {
  const common = { dir: env.BRIDGE_DIR, environment, log };
  switch (env.BRIDGE_ENGINE) {
    case 'claude-api': {
      const { createClaudeApi } = await import('./claude-api/claude-api.ts');
      return () => createClaudeApi({ log, model: claudeModel(env) });
    }
    case 'claude-cli': {
      const { createClaudeCli } = await import('./claude-cli/claude-cli.ts');
      return (approvals) =>
        createClaudeCli({ ...common, approvals, claudePath: env.CLAUDE_PATH, model: claudeModel(env) });
    }
    case 'openclaw': {
      const { createOpenClaw } = await import('./openclaw/openclaw.ts');
      const { modelFor } = await import('./openclaw/model.ts');
      return (approvals) =>
        createOpenClaw({
          ...common,
          approvals,
          model: modelFor({
            anthropicKey: env.ANTHROPIC_API_KEY,
            anthropicBaseUrl: env.ANTHROPIC_BASE_URL,
            openAiKey: env.OPENAI_API_KEY,
            openAiBaseUrl: env.OPENAI_BASE_URL,
            name: env.IT0_MODEL,
          }),
        });
    }
  }
}

/** Without a key there is none but the scripted one. */
const claudeModel = (env: Env): ClaudeModel | null =>
  env.ANTHROPIC_API_KEY
    ? {
        name: env.IT0_MODEL ?? claudeModelName,
        baseUrl: env.ANTHROPIC_BASE_URL ?? 'https://api.anthropic.com',
        apiKey: env.ANTHROPIC_API_KEY,
      }
    : null;
