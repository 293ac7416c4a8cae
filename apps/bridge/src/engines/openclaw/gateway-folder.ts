import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';

export type GatewayFolder = ReturnType<typeof openGatewayFolder>;

/**
 * What a gateway has of its bridge's folder: `root` is all that it may change. The folder that it loads prompts from is
 * not one that commands run in, nor that the bridge's tools write in.
 */
export function openGatewayFolder(dir: string) {
  const root = join(dir, 'gateway');
  const at = (name: string) => join(root, name);
  const folder = {
    root,
    config: at('openclaw.json'),
    state: at('state'),
    prompts: at('prompts'),
    temporary: at('tmp'),
    cache: at('cache'),
    compileCache: at('compile-cache'),
    log: at('gateway.log'),
    plugin: join(dir, 'gateway-plugin'),
    output: join(dir, 'gateway.out'),
    record: join(dir, 'gateway.json'),
  };
  const isOld = !existsSync(root);
  mkdirSync(root, { recursive: true, mode: 0o700 });
  if (isOld) moveOld(dir, folder.state);
  for (const made of [folder.prompts, folder.temporary, folder.plugin])
    mkdirSync(made, { recursive: true, mode: 0o700 });
  return folder;
}

/** Before, a gateway's state stood in the bridge's own folder, and all people had one workspace, which they still read. */
function moveOld(dir: string, state: string) {
  const moves = [
    [join(dir, 'state'), state],
    [join(dir, 'workspace'), join(dir, 'shared')],
  ] as const;
  for (const [from, to] of moves) if (existsSync(from) && !existsSync(to)) renameSync(from, to);
}
