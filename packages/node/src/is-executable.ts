import { accessSync, constants } from 'node:fs';

/** Whether this process may run the file. */
export function isExecutable(file: string) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
