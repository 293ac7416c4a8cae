import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { TOOL_PREFIX } from '../../tools/tool-server.ts';

export const PLUGIN_ID = 'it0';

const MANIFEST = {
  id: PLUGIN_ID,
  name: 'IT0',
  description: 'Restricts an agent to the tools of its bridge.',
  version: '1.0.0',
  configSchema: { type: 'object', additionalProperties: false, properties: {} },
  activation: { onStartup: true },
};

/**
 * The plugin's source. Its hook runs in the gateway before every tool call. It blocks tools that are not the bridge's,
 * and adds the session, run and call ids, which OpenClaw's MCP client does not send. The model cannot forge them, since
 * the hook overwrites `_it0`.
 */
const SOURCE = `export default {
  id: '${PLUGIN_ID}', name: 'IT0', description: '${MANIFEST.description}',
  register(api) {
    api.on('before_tool_call', (event, ctx) => event.toolName.startsWith('${TOOL_PREFIX}')
      ? { params: { ...event.params, _it0: { session: ctx.sessionKey, run: event.runId, call: event.toolCallId } } }
      : { block: true, blockReason: 'This tool is not available here.' }, { priority: 100 });
  },
};
`;

/** Writes the plugin to the folder that the gateway loads it from. */
export function writePlugin(dir: string) {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const packageJson = { name: 'it0-plugin', version: MANIFEST.version, type: 'module' };
  const files = {
    'package.json': JSON.stringify({ ...packageJson, openclaw: { extensions: ['./index.mjs'] } }),
    'openclaw.plugin.json': JSON.stringify(MANIFEST),
    'index.mjs': SOURCE,
  };
  for (const [name, content] of Object.entries(files)) writeFileSync(join(dir, name), content, { mode: 0o600 });
}
