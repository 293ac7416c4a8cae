import { execFile, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

export type ProcessInfo = { id: number; parent: number; memoryBytes: number; cpuSeconds: number };

const PAGE_BYTES = 4_096;
const TICKS_PER_SECOND = 100;

/** Sends a signal. Returns false when the process has ended, or belongs to another user. */
export function sendSignal(pid: number, name: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, name);
  } catch {
    return false;
  }
}

/** Returns whether a process of this user exists. Its id may have been reused: see `readCommandLine`. */
export const isAlive = (pid: number): boolean => sendSignal(pid, 0);

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

/** Returns a process and its descendants, parents first. The list is empty when the process has ended. */
export function findTree(processes: ProcessInfo[], pid: number): ProcessInfo[] {
  const children = Map.groupBy(processes, ({ parent }) => parent);
  const list = (root: ProcessInfo): ProcessInfo[] => [root, ...(children.get(root.id) ?? []).flatMap(list)];
  return processes.filter(({ id }) => id === pid).flatMap(list);
}

/** Lists the ids of a process and its descendants, parents first. The list is empty when the process has ended. */
export const listProcessTree = async (pid: number): Promise<number[]> =>
  findTree(await listProcesses(), pid).map(({ id }) => id);

/** Lists the processes of this machine. */
export async function listProcesses(): Promise<ProcessInfo[]> {
  if (process.platform !== 'linux') return listProcessesByPs();
  const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const stats = await Promise.all(ids.map((id) => readFile(`/proc/${id}/stat`, 'utf8').catch(() => '')));
  return stats.filter(Boolean).map((stat) => {
    // The process name is in brackets and can itself contain spaces and brackets. Fields are numbered as in proc(5);
    // the third follows the name.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const field = (number: number) => Number(fields[number - 3]);
    return {
      id: Number.parseInt(stat, 10),
      parent: field(4),
      cpuSeconds: (field(14) + field(15)) / TICKS_PER_SECOND,
      memoryBytes: field(24) * PAGE_BYTES,
    };
  });
}

async function listProcessesByPs(): Promise<ProcessInfo[]> {
  const { stdout } = await promisify(execFile)('ps', ['-axo', 'pid=,ppid=,rss=,time=']);
  return stdout
    .trim()
    .split('\n')
    .map((line) => {
      const [id, parent, kilobytes, time = ''] = line.trim().split(/\s+/);
      const cpuSeconds = time.split(/[:-]/).reduce((sum, part) => sum * 60 + Number(part), 0);
      return { id: Number(id), parent: Number(parent), memoryBytes: Number(kilobytes) * 1_024, cpuSeconds };
    });
}
