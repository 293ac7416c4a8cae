import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A process and all below it, parents first. Empty when it is gone. */
export async function listProcessTree(pid: number): Promise<number[]> {
  const children = Map.groupBy(await processes(), ({ parent }) => parent);
  const below = (parent: number): number[] => (children.get(parent) ?? []).flatMap(({ id }) => [id, ...below(id)]);
  return isAlive(pid) ? [pid, ...below(pid)] : [];
}

/** The command line a process shows, or '' when it is gone. A number alone may by now be another program's. */
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

/** False: there is no such process any more. */
export function sendSignal(pid: number, name: NodeJS.Signals | 0) {
  try {
    return process.kill(pid, name);
  } catch {
    return false;
  }
}

type Process = { id: number; parent: number };

async function processes(): Promise<Process[]> {
  if (process.platform !== 'linux') {
    const { stdout } = await run('ps', ['-axo', 'pid=,ppid=']);
    return stdout
      .trim()
      .split('\n')
      .map((line) => toProcess(line.trim().split(/\s+/)));
  }
  const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const stats = await Promise.all(ids.map((id) => readFile(`/proc/${id}/stat`, 'utf8').catch(() => '')));
  // The name, in brackets, may have spaces and brackets of its own; the parent is the second field after it.
  return stats.filter(Boolean).map((stat) => toProcess([stat, stat.slice(stat.lastIndexOf(')')).split(' ')[2]]));
}

const toProcess = ([id, parent]: (string | undefined)[]): Process => ({
  id: Number.parseInt(id ?? '', 10),
  parent: Number(parent),
});
