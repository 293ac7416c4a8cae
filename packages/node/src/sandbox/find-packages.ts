import { realpathSync } from 'node:fs';
import { dirname } from 'node:path';

/** Returns the folder that a program of an npm package is in together with all that it needs: what to show to run it. */
export function findPackages(program: string): string {
  const path = realpathSync(program);
  const [before, ...rest] = path.split('/node_modules/');
  return rest.length > 0 ? `${before}/node_modules` : dirname(path);
}
