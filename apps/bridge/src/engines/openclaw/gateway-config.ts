import { TOOL_CALL_TIMEOUT_MS, TOOL_PREFIX } from '../../tools/tool-server.ts';
import type { GatewayFolder } from './gateway-folder.ts';
import { PLUGIN_ID } from './gateway-plugin.ts';
import type { Model } from './model.ts';

/** The environment variables that pass secrets to the gateway, so that no secret is in its configuration file. */
export const SECRET_VARIABLES = { model: 'IT0_MODEL_TOKEN', tools: 'IT0_TOOLS_TOKEN' } as const;

/** The policy that leaves an agent the bridge's tools, and none of OpenClaw's own. */
export const TOOL_POLICY = {
  allow: [`${TOOL_PREFIX}*`],
  // `allow` suffices; this protects against a wider `allow`.
  deny: ['exec', 'process', 'write', 'edit', 'apply_patch'],
};

/**
 * The time in which the gateway's MCP client has to connect. A gateway that starts on a busy machine needs many seconds.
 * Without the connection it continues an interrupted run without our tools, and calls of them fail.
 */
const CONNECT_TIMEOUT_MS = 120_000;
/** The time after which an idle MCP client is closed. OpenClaw has one per session, and at most 256 per server. */
const CLIENT_IDLE_MS = 10 * 60_000;
/** The limit of concurrent runs. A session with a pending approval occupies one. */
const MAX_CONCURRENT_RUNS = 500;

type ConfigOptions = { folder: GatewayFolder; token: string; model: Model; toolsUrl: string };

/**
 * Builds OpenClaw's configuration. Everything that connects elsewhere is off: it has one provider, only our plugin, no
 * discovery, no update check, no control page, and no tools except the bridge's.
 */
export const buildGatewayConfig = ({ folder, token, model, toolsUrl }: ConfigOptions) => ({
  gateway: {
    ...{ mode: 'local', bind: 'loopback', auth: { mode: 'token', token }, controlUi: { enabled: false } },
    // The bridge connects only to this certificate: another process could listen on the port instead.
    tls: { enabled: true, autoGenerate: false, certPath: folder.certificate, keyPath: folder.key },
  },
  // Its watchdog aborts a run whose tool call takes 15 minutes, as one does that waits for a decision. The bridge has
  // the deadline of the task.
  diagnostics: { enabled: false },
  agents: {
    defaults: {
      model: { primary: `${model.provider}/${model.name}` },
      workspace: folder.prompts,
      skipBootstrap: true,
      heartbeat: { every: '0m' },
      maxConcurrent: MAX_CONCURRENT_RUNS,
      // Otherwise OpenClaw requests a summary of each reply from the model. It is not displayed, but the owner pays for it.
      utilityModel: '',
    },
  },
  models: {
    mode: 'replace',
    providers: {
      [model.provider]: {
        baseUrl: model.baseUrl,
        api: model.api,
        apiKey: `\${${SECRET_VARIABLES.model}}`,
        models: [
          {
            id: model.name,
            name: model.name,
            reasoning: !model.isScripted,
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
    sessionIdleTtlMs: CLIENT_IDLE_MS,
    servers: {
      it0: {
        url: toolsUrl,
        transport: 'streamable-http',
        headers: { Authorization: `Bearer \${${SECRET_VARIABLES.tools}}` },
        connectionTimeoutMs: CONNECT_TIMEOUT_MS,
        requestTimeoutMs: TOOL_CALL_TIMEOUT_MS,
        supportsParallelToolCalls: false,
      },
    },
  },
  tools: { ...TOOL_POLICY, toolSearch: false, fs: { workspaceOnly: true }, elevated: { enabled: false } },
  plugins: {
    enabled: true,
    allow: [PLUGIN_ID],
    load: { paths: [folder.plugin] },
    entries: { [PLUGIN_ID]: { enabled: true } },
  },
  discovery: { mdns: { mode: 'off' } },
  update: { checkOnStart: false },
  logging: { file: folder.log, maxFileBytes: 10_000_000, consoleLevel: 'warn' },
});
