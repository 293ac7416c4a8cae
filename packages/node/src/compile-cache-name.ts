import { createHash } from 'node:crypto';
import { realpathSync } from 'node:fs';

/**
 * Returns the name of a folder for Node's compile cache of a program. Another version of the program in a package
 * manager's store, another place of it, and another Node have another name.
 */
export const toCompileCacheName = (program: string): string =>
  createHash('sha256')
    .update([realpathSync(program), process.version, process.arch].join('\n'))
    .digest('hex')
    .slice(0, 16);
