import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

/**
 * Returns the command line of a process with its arguments separated by spaces; empty when there is no such process.
 * The command line identifies a process where its pid alone does not, since pids are reused.
 */
export function readCommandLine(pid: number): string {
  if (!existsSync('/proc/self'))
    return spawnSync('ps', ['-ww', '-o', 'command=', '-p', `${pid}`], { encoding: 'utf8' }).stdout;
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return '';
  }
}
