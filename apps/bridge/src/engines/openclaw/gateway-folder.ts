import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';

export type GatewayFolder = ReturnType<typeof openGatewayFolder>;

/** Returns the folder that the gateway of a bridge's folder may write to. */
export const getGatewayRoot = (dir: string) => join(dir, 'gateway');

/**
 * Creates the folders of a gateway in its bridge's folder, and returns their paths. The gateway may write to `root`
 * only. It loads prompts from a folder that neither commands nor the bridge's file tools can write to.
 */
export function openGatewayFolder(dir: string) {
  const root = getGatewayRoot(dir);
  const at = (name: string) => join(root, name);
  const folder = {
    root,
    config: at('openclaw.json'),
    state: at('state'),
    prompts: at('prompts'),
    temporary: at('tmp'),
    cache: at('cache'),
    compileCache: at('compile-cache'),
    sharedCompileCache: join(dir, 'gateway-compile-cache'),
    log: at('gateway.log'),
    certificate: at('certificate.pem'),
    key: at('key.pem'),
    plugin: join(dir, 'gateway-plugin'),
    preload: join(dir, 'gateway-plugin', 'preload.mjs'),
    output: join(dir, 'gateway.out'),
    record: join(dir, 'gateway.json'),
  };
  const isMissing = !existsSync(root);
  mkdirSync(root, { recursive: true, mode: 0o700 });
  if (isMissing) migrateLayout(dir, folder.state);
  for (const path of [folder.prompts, folder.temporary, folder.plugin])
    mkdirSync(path, { recursive: true, mode: 0o700 });
  return folder;
}

/** Moves the files of an earlier version, where all users had one workspace; it becomes the shared folder. */
function migrateLayout(dir: string, state: string) {
  const moves = [
    [join(dir, 'state'), state],
    [join(dir, 'workspace'), join(dir, 'shared')],
  ] as const;
  for (const [from, to] of moves) if (existsSync(from) && !existsSync(to)) renameSync(from, to);
}
