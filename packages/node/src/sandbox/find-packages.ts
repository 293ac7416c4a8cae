import { realpathSync } from 'node:fs';
import { dirname } from 'node:path';

/** Returns the folder that must be readable to run a program of an npm package: the `node_modules` it is in. */
export function findPackages(program: string): string {
  const path = realpathSync(program);
  const [before, ...rest] = path.split('/node_modules/');
  return rest.length > 0 ? `${before}/node_modules` : dirname(path);
}
