import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { InstanceUsage } from '@it0/api/agent/instance/instance-records';

type Process = { id: number; parent: number; memoryBytes: number; cpuSeconds: number };

const pageBytes = 4_096;
const ticksPerSecond = 100;

/** What each tree of processes takes, by its root: what it took of the processor since the last time it was asked. */
export function createUsageMeter() {
  let before = new Map<number, number>();
  let askedAt = Date.now();
  return async (roots: number[]): Promise<InstanceUsage[]> => {
    const all = await processes();
    const seconds = Math.max(0.001, (Date.now() - askedAt) / 1_000);
    askedAt = Date.now();
    const last = before;
    before = new Map(all.map(({ id, cpuSeconds }) => [id, cpuSeconds]));
    const children = Map.groupBy(all, ({ parent }) => parent);
    const below = (one: Process): Process[] => [one, ...(children.get(one.id) ?? []).flatMap(below)];
    return roots.map((root) => {
      const tree = all.filter(({ id }) => id === root).flatMap(below);
      let [memoryBytes, used] = [0, 0];
      for (const { id, cpuSeconds, memoryBytes: bytes } of tree) {
        memoryBytes += bytes;
        // One that has just begun began at nought.
        used += Math.max(0, cpuSeconds - (last.get(id) ?? (last.size > 0 ? 0 : cpuSeconds)));
      }
      return { memoryBytes, cpuPercent: Math.round((used / seconds) * 100) };
    });
  };
}

async function processes(): Promise<Process[]> {
  if (process.platform !== 'linux') return processesByPs();
  const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const stats = await Promise.all(ids.map((id) => readFile(`/proc/${id}/stat`, 'utf8').catch(() => '')));
  return stats.filter(Boolean).map((stat) => {
    // The name, in brackets, may have spaces and brackets of its own; numbered as in proc(5), the third comes after it.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const field = (number: number) => Number(fields[number - 3]);
    return {
      id: Number.parseInt(stat, 10),
      parent: field(4),
      cpuSeconds: (field(14) + field(15)) / ticksPerSecond,
      memoryBytes: field(24) * pageBytes,
    };
  });
}

async function processesByPs(): Promise<Process[]> {
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
