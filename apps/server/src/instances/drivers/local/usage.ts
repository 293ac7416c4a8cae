import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { InstanceUsage } from '@it0/api/agent/instance/instance-records';

type Process = { id: number; parent: number; memoryBytes: number; cpuSeconds: number };

const PAGE_BYTES = 4_096;
const TICKS_PER_SECOND = 100;

/** Creates a meter of process trees, given by their roots. CPU usage is measured since the previous call. */
export function createUsageMeter() {
  let previous = new Map<number, number>();
  let measuredAt = Date.now();
  return async (roots: number[]): Promise<InstanceUsage[]> => {
    const processes = await listProcesses();
    const seconds = Math.max(0.001, (Date.now() - measuredAt) / 1_000);
    measuredAt = Date.now();
    const last = previous;
    previous = new Map(processes.map(({ id, cpuSeconds }) => [id, cpuSeconds]));
    const children = Map.groupBy(processes, ({ parent }) => parent);
    const listTree = (root: Process): Process[] => [root, ...(children.get(root.id) ?? []).flatMap(listTree)];
    return roots.map((root) => {
      const tree = processes.filter(({ id }) => id === root).flatMap(listTree);
      let [memoryBytes, cpuUsed] = [0, 0];
      for (const { id, cpuSeconds, memoryBytes: bytes } of tree) {
        memoryBytes += bytes;
        // A new process starts at zero CPU time.
        cpuUsed += Math.max(0, cpuSeconds - (last.get(id) ?? (last.size > 0 ? 0 : cpuSeconds)));
      }
      return { memoryBytes, cpuPercent: Math.round((cpuUsed / seconds) * 100) };
    });
  };
}

async function listProcesses(): Promise<Process[]> {
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

async function listProcessesByPs(): Promise<Process[]> {
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
