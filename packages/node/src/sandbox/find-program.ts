import { join } from 'node:path';
import { isExecutable } from '../is-executable.ts';

/** Where packages of a system put programs: not wherever somebody's PATH leads. */
const FOLDERS = ['/usr/bin', '/bin', '/usr/sbin', '/sbin', '/usr/local/bin', '/usr/local/sbin'];

/** Returns the path of a program of the system; undefined when it is not installed. */
export const findProgram = (name: string): string | undefined =>
  FOLDERS.map((folder) => join(folder, name)).find(isExecutable);
