import { accessSync, constants } from 'node:fs';

/** Returns whether this process may execute a file. */
export function isExecutable(file: string) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
