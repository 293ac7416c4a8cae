import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { toolPrefix } from '../../tools/tool-server.ts';

export const pluginId = 'it0';

const manifest = {
  id: pluginId,
  name: 'IT0',
  description: 'Leaves an agent the tools of its bridge alone.',
  version: '1.0.0',
  configSchema: { type: 'object', additionalProperties: false, properties: {} },
  activation: { onStartup: true },
};

/**
 * Runs inside the gateway before every call of a tool: blocks what is not ours, and adds which run of which conversation
 * makes the call, which OpenClaw's MCP client does not tell. The model cannot give these itself: our schemas refuse them.
 */
const code = `export default {
  id: '${pluginId}', name: 'IT0', description: '${manifest.description}',
  register(api) {
    api.on('before_tool_call', (event, ctx) => event.toolName.startsWith('${toolPrefix}')
      ? { params: { ...event.params, _it0: { session: ctx.sessionKey, run: event.runId, call: event.toolCallId } } }
      : { block: true, blockReason: 'This tool is not available here.' }, { priority: 100 });
  },
};
`;

/** Writes the plugin where a gateway is to load it from. */
export function writePlugin(dir: string) {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const packageJson = { name: 'it0-plugin', version: manifest.version, type: 'module' };
  const files = {
    'package.json': JSON.stringify({ ...packageJson, openclaw: { extensions: ['./index.mjs'] } }),
    'openclaw.plugin.json': JSON.stringify(manifest),
    'index.mjs': code,
  };
  for (const [name, content] of Object.entries(files)) writeFileSync(join(dir, name), content, { mode: 0o600 });
}
