import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, constants, openSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { findFreePort } from '@it0/node/free-port';
import { giveFolder } from '@it0/node/sandbox/account';
import { findPackages } from '@it0/node/sandbox/find-packages';
import type { Sandbox } from '@it0/node/sandbox/sandbox';
import { createSelfSignedCertificate, type SelfSignedCertificate } from '@it0/node/self-signed-certificate';
import { createToken } from '@it0/node/token';
import type { Logger } from 'pino';
import { selectCompileCache } from './compile-cache.ts';
import { buildGatewayConfig, SECRET_VARIABLES } from './gateway-config.ts';
import type { GatewayFolder } from './gateway-folder.ts';
import { writePlugin } from './gateway-plugin.ts';
import type { Model } from './model.ts';
import { writePreload } from './preload.ts';

export type LaunchOptions = {
  /** The bridge's folder, which is hidden from the gateway. */
  dir: string;
  model: Model;
  /** The URL and token of the bridge's tool server. */
  tools: { url: string; token: string };
  sandbox: Sandbox;
  /** The environment variables of the gateway. */
  environment: Record<string, string>;
  /** The path of OpenClaw's entry point. */
  main?: string;
  /** The folder of a compile cache that gateways share. They can only read it. */
  sharedCompileCache?: string;
  log: Logger;
};
export type RunningGateway = { pid: number; port: number; token: string } & Omit<SelfSignedCertificate, 'key'>;

const ENTRY_POINT = fileURLToPath(import.meta.resolve('openclaw/cli-entry'));

/** Starts a gateway in its sandbox, with a configuration and secrets of its own. It needs some time until it is ready. */
export async function launchGateway(options: LaunchOptions, folder: GatewayFolder): Promise<RunningGateway> {
  const { dir, model, tools, sandbox, main = ENTRY_POINT, log } = options;
  const token = createToken();
  const port = await findFreePort();
  const { key, certificate, fingerprint } = createSelfSignedCertificate();
  writeFileSync(folder.key, key, { mode: 0o600 });
  writeFileSync(folder.certificate, certificate, { mode: 0o600 });
  writePlugin(folder.plugin);
  const config = buildGatewayConfig({ folder, token, model, toolsUrl: tools.url });
  writeFileSync(folder.config, JSON.stringify(config, null, 2), { mode: 0o600 });
  const preload = writePreload(folder.preload, main);
  const compileCache = selectCompileCache(folder, options.sharedCompileCache, sandbox.account);
  if (sandbox.account !== null) for (const path of [folder.root, folder.plugin]) giveFolder(path, sandbox.account);
  const argv = sandbox.wrap([process.execPath, ...preload, main, 'gateway', '--port', String(port)], {
    ...{ cwd: folder.prompts, writable: [folder.root], hidden: [dir] },
    readable: [folder.plugin, findPackages(main), ...compileCache.readable],
  });
  // O_APPEND, since `limitLog` truncates the file while the gateway writes to it.
  const { O_WRONLY, O_CREAT, O_TRUNC, O_APPEND } = constants;
  const out = openSync(folder.output, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0o600);
  const child = spawn(argv[0]!, argv.slice(1), {
    cwd: sandbox.method === 'none' ? folder.prompts : '/',
    // A separate process group: Ctrl-C in a terminal is for the bridge, which then stops the gateway in order.
    detached: true,
    stdio: ['ignore', out, out],
    env: {
      ...options.environment,
      ...buildEnvironment(folder, compileCache.path),
      [SECRET_VARIABLES.model]: model.apiKey,
      [SECRET_VARIABLES.tools]: tools.token,
    },
  });
  closeSync(out);
  const pid = await waitForSpawn(child);
  log.info({ pid, port }, 'gateway started');
  writeFileSync(folder.record, JSON.stringify({ pid, port, token }), { mode: 0o600 });
  return { pid, port, token, certificate, fingerprint };
}

/**
 * Returns the variables that confine OpenClaw to its folder, and to one process: its launcher would start a second one.
 */
const buildEnvironment = (folder: GatewayFolder, compileCache: string) => ({
  OPENCLAW_CONFIG_PATH: folder.config,
  OPENCLAW_STATE_DIR: folder.state,
  HOME: folder.root,
  TMPDIR: folder.temporary,
  XDG_CACHE_HOME: folder.cache,
  NODE_COMPILE_CACHE: compileCache,
  OPENCLAW_PACKAGED_COMPILE_CACHE_RESPAWNED: '1',
  OPENCLAW_NO_RESPAWN: '1',
  OPENCLAW_DISABLE_BONJOUR: '1',
  OPENCLAW_SKIP_CHANNELS: '1',
  OPENCLAW_EXEC_SHELL_SNAPSHOT: '0',
});

const waitForSpawn = (child: ChildProcess) =>
  new Promise<number>((resolve, reject) => {
    child.once('spawn', () => resolve(child.pid!)).once('error', reject);
    child.unref();
  });
