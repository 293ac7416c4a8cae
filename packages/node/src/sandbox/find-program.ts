import { join } from 'node:path';
import { isExecutable } from '../is-executable.ts';

/** The folders of the system's programs. PATH is not used, since it may have folders that others can write to. */
const FOLDERS = ['/usr/bin', '/bin', '/usr/sbin', '/sbin', '/usr/local/bin', '/usr/local/sbin'];

/** Returns the path of a system program, or undefined when it is not installed. */
export const findProgram = (name: string): string | undefined =>
  FOLDERS.map((folder) => join(folder, name)).find(isExecutable);
