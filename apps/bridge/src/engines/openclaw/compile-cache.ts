import { mkdirSync, readdirSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { GatewayFolder } from './gateway-folder.ts';

/**
 * Selects the folder of Node's compile cache for a gateway, and returns it with the folders that the gateway must be
 * able to read. With a shared cache, the gateway reads that: a sandbox lets it write neither there nor to the link.
 * Without one, it has a cache of its own, which is empty at its first start.
 */
export function selectCompileCache(folder: GatewayFolder, shared: string | undefined, account: number | null) {
  const own = { path: folder.compileCache, readable: [] };
  const name = shared && findCompiled(shared);
  if (!name) return own;
  const target = join(realpathSync(shared), name);
  rmSync(folder.sharedCompileCache, { recursive: true, force: true });
  mkdirSync(folder.sharedCompileCache, { mode: 0o755 });
  // Node adds the user's id to the name of its folder.
  symlinkSync(target, join(folder.sharedCompileCache, `${name}-${account ?? process.getuid?.()}`));
  return { path: folder.sharedCompileCache, readable: [folder.sharedCompileCache, target] };
}

/** Returns the name of the folder of compiled code in a shared cache, without a user id; undefined if there is none. */
function findCompiled(shared: string) {
  try {
    return readdirSync(shared).find((name) => name.startsWith(`${process.version}-${process.arch}-`));
  } catch {
    return undefined;
  }
}
