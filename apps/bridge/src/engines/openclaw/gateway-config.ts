import { toolPrefix } from '../../tools/tool-server.ts';
import type { GatewayFolder } from './gateway-folder.ts';
import { pluginId } from './gateway-plugin.ts';
import type { Model } from './model.ts';

/** The variables that carry what is secret into the gateway, so that none of it is on disk. */
export const secretVariables = { model: 'IT0_MODEL_TOKEN', tools: 'IT0_TOOLS_TOKEN' } as const;

/** The tools that an agent has: the bridge's, and none of OpenClaw's own. */
export const toolPolicy = {
  allow: [`${toolPrefix}*`],
  // `allow` is enough. This holds where it should ever be widened.
  deny: ['exec', 'process', 'write', 'edit', 'apply_patch'],
};

/** An approval of half an hour and the longest command after it, with room. */
const callWithinMs = 2 * 3_600_000;
const connectWithinMs = 5_000;
/** OpenClaw keeps at most 256 clients of a server, one for each conversation. */
const idleClientMs = 10 * 60_000;
/** Each conversation that waits for a decision takes one of these. */
const concurrentRuns = 500;

type Parts = { folder: GatewayFolder; token: string; model: Model; toolsUrl: string };

/**
 * OpenClaw's own configuration file. What would reach outside is off: one provider, our plugin alone, no discovery, no
 * update check, no control page, and no tool that runs, writes or reads anything but through the bridge.
 */
export const gatewayConfig = ({ folder, token, model, toolsUrl }: Parts) => ({
  gateway: { mode: 'local', bind: 'loopback', auth: { mode: 'token', token }, controlUi: { enabled: false } },
  agents: {
    defaults: {
      model: { primary: `${model.provider}/${model.name}` },
      workspace: folder.prompts,
      skipBootstrap: true,
      heartbeat: { every: '0m' },
      maxConcurrent: concurrentRuns,
    },
  },
  models: {
    mode: 'replace',
    providers: {
      [model.provider]: {
        baseUrl: model.baseUrl,
        api: model.api,
        apiKey: `\${${secretVariables.model}}`,
        models: [
          {
            id: model.name,
            name: model.name,
            reasoning: !model.scripted,
            input: ['text', 'image'],
            cost: { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 },
            contextWindow: 200_000,
            maxTokens: 16_384,
          },
        ],
      },
    },
  },
  mcp: {
    sessionIdleTtlMs: idleClientMs,
    servers: {
      it0: {
        url: toolsUrl,
        transport: 'streamable-http',
        headers: { Authorization: `Bearer \${${secretVariables.tools}}` },
        connectionTimeoutMs: connectWithinMs,
        requestTimeoutMs: callWithinMs,
        supportsParallelToolCalls: false,
      },
    },
  },
  tools: { ...toolPolicy, toolSearch: false, fs: { workspaceOnly: true }, elevated: { enabled: false } },
  plugins: {
    enabled: true,
    allow: [pluginId],
    load: { paths: [folder.plugin] },
    entries: { [pluginId]: { enabled: true } },
  },
  discovery: { mdns: { mode: 'off' } },
  update: { checkOnStart: false },
  logging: { file: folder.log, maxFileBytes: 10_000_000, consoleLevel: 'warn' },
});
