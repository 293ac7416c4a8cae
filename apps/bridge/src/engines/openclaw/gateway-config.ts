import { join } from 'node:path';
import type { Model } from './model.ts';

/** The variable that carries the model's key into the gateway, so that no key is on disk. */
export const modelKeyVariable = 'IT0_MODEL_KEY';

/**
 * OpenClaw's own configuration file. What would reach outside is off: one provider, no plugins, no discovery, no update
 * check, no control page. Every command asks (`approval-floor.ts`), and the tools that do not ask stay inside
 * the agent's workspace.
 */
export const gatewayConfig = (dir: string, token: string, { provider, name, baseUrl, api, scripted }: Model) => ({
  gateway: { mode: 'local', bind: 'loopback', auth: { mode: 'token', token }, controlUi: { enabled: false } },
  agents: {
    defaults: {
      model: { primary: `${provider}/${name}` },
      workspace: join(dir, 'workspace'),
      skipBootstrap: true,
      heartbeat: { every: '0m' },
    },
  },
  models: {
    mode: 'replace',
    providers: {
      [provider]: {
        baseUrl,
        api,
        apiKey: `\${${modelKeyVariable}}`,
        models: [
          {
            id: name,
            name,
            reasoning: !scripted,
            input: ['text', 'image'],
            cost: { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 },
            contextWindow: 200_000,
            maxTokens: 16_384,
          },
        ],
      },
    },
  },
  tools: {
    allow: ['exec', 'process', 'read', 'write', 'edit', 'apply_patch', 'ls', 'view_image'],
    exec: { mode: 'ask' },
    fs: { workspaceOnly: true },
    elevated: { enabled: false },
  },
  plugins: { enabled: false },
  discovery: { mdns: { mode: 'off' } },
  update: { checkOnStart: false },
  logging: { file: join(dir, 'gateway.log'), maxFileBytes: 10_000_000, consoleLevel: 'warn' },
});
