import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Lists the ids of a process and its descendants, parents first. The list is empty if the process has ended. */
export async function listProcessTree(pid: number): Promise<number[]> {
  const children = Map.groupBy(await listProcesses(), ({ parent }) => parent);
  const descendants = (parent: number): number[] =>
    (children.get(parent) ?? []).flatMap(({ id }) => [id, ...descendants(id)]);
  return isAlive(pid) ? [pid, ...descendants(pid)] : [];
}

/** Reads the command line of a process; '' if it has ended. It tells whether the id was reused by another program. */
export async function readCommand(pid: number) {
  if (process.platform === 'linux') return readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  return run('ps', ['-o', 'command=', '-p', String(pid)]).then(
    ({ stdout }) => stdout,
    () => '',
  );
}

export function isAlive(pid: number) {
  return sendSignal(pid, 0);
}

/** Sends a signal. Returns false if the process has ended. */
export function sendSignal(pid: number, name: NodeJS.Signals | 0) {
  try {
    return process.kill(pid, name);
  } catch {
    return false;
  }
}

type Process = { id: number; parent: number };

async function listProcesses(): Promise<Process[]> {
  if (process.platform !== 'linux') {
    const { stdout } = await run('ps', ['-axo', 'pid=,ppid=']);
    return stdout
      .trim()
      .split('\n')
      .map((line) => toProcess(line.trim().split(/\s+/)));
  }
  const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const stats = await Promise.all(ids.map((id) => readFile(`/proc/${id}/stat`, 'utf8').catch(() => '')));
  // The name is in parentheses and may contain any character. The parent id is the second field after it.
  return stats.filter(Boolean).map((stat) => toProcess([stat, stat.slice(stat.lastIndexOf(')')).split(' ')[2]]));
}

const toProcess = ([id, parent]: (string | undefined)[]): Process => ({
  id: Number.parseInt(id ?? '', 10),
  parent: Number(parent),
});
