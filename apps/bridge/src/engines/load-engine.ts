import { parseReach } from '@it0/node/reach';
import type { Logger } from 'pino';
import type { Approvals } from '../approvals.ts';
import type { Env } from '../env.ts';
import { runUnsandboxed } from '../tools/command-runner.ts';
import { runThroughServer } from '../tools/run-unsandboxed.ts';
import { type ClaudeModel, DEFAULT_CLAUDE_MODEL } from './claude-model.ts';
import type { Engine } from './engine.ts';
import type { ExternalGateway } from './openclaw/openclaw.ts';

export type EngineOptions = {
  env: Env;
  /** The environment variables of the agent's processes. */
  environment: Record<string, string>;
  log: Logger;
};

/** Loads the engine that the environment names, and no other. Returns the function that creates it. */
export async function loadEngine({ env, environment, log }: EngineOptions): Promise<(approvals: Approvals) => Engine> {
  const common = {
    ...{ dir: env.BRIDGE_DIR, environment, log },
    approvalMs: env.BRIDGE_APPROVAL_MS ?? 30 * 60_000,
    diskFloorMb: env.IT0_DISK_FLOOR_MB,
    isSandboxed: env.BRIDGE_SANDBOX === 'on',
    reach: env.MODEL_ALLOW === undefined ? undefined : parseReach(env.MODEL_ALLOW.split(',')),
    unsandboxed: createUnsandboxedRunner(env, environment),
  };
  switch (env.BRIDGE_ENGINE) {
    case 'claude-api': {
      const { createClaudeApi } = await import('./claude-api/claude-api.ts');
      return () => createClaudeApi({ log, model: readClaudeModel(env) });
    }
    case 'claude-cli': {
      const { createClaudeCli } = await import('./claude-cli/claude-cli.ts');
      return (approvals) =>
        createClaudeCli({ ...common, approvals, claudePath: env.CLAUDE_PATH, model: readClaudeModel(env) });
    }
    case 'openclaw': {
      const { createOpenClaw } = await import('./openclaw/openclaw.ts');
      const { selectModel } = await import('./openclaw/model.ts');
      return (approvals) =>
        createOpenClaw({
          ...common,
          approvals,
          sharedCompileCache: env.BRIDGE_COMPILE_CACHE,
          gateway: readExternalGateway(env),
          model: selectModel({
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

/** Returns the configured model, or null for the scripted one if there is no key. */
const readClaudeModel = (env: Env): ClaudeModel | null =>
  env.ANTHROPIC_API_KEY
    ? {
        name: env.IT0_MODEL ?? DEFAULT_CLAUDE_MODEL,
        baseUrl: env.ANTHROPIC_BASE_URL ?? 'https://api.anthropic.com',
        apiKey: env.ANTHROPIC_API_KEY,
      }
    : null;

/**
 * Returns the external gateway that the environment names, if any. Its configuration must include the bridge's tools.
 */
function readExternalGateway(env: Env): ExternalGateway | null {
  const {
    OPENCLAW_URL: url,
    OPENCLAW_TOKEN: token = '',
    BRIDGE_TOOLS_PORT: port,
    BRIDGE_TOOLS_TOKEN: toolsToken,
  } = env;
  if (!url) return null;
  if (!port || !toolsToken) throw new Error('OPENCLAW_URL requires BRIDGE_TOOLS_PORT and BRIDGE_TOOLS_TOKEN.');
  return { address: { url, token }, tools: { port, token: toolsToken } };
}

/** Creates the runner of commands outside the sandbox. Returns null if there is none. */
function createUnsandboxedRunner({ BRIDGE_OUTSIDE }: Env, environment: Record<string, string>) {
  if (BRIDGE_OUTSIDE === 'server') return runThroughServer(process);
  return BRIDGE_OUTSIDE === 'bridge' ? runUnsandboxed(environment) : null;
}
