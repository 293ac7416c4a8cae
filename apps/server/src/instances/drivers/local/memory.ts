import { readFile } from 'node:fs/promises';
import { freemem } from 'node:os';

const readText = (file: string) => readFile(file, 'utf8').catch(() => '');

/** Returns the memory available for new processes on this machine or within its container's limit, in bytes. */
export async function availableMemory(): Promise<number> {
  const available = /^MemAvailable:\s+(\d+) kB/m.exec(await readText('/proc/meminfo'))?.[1];
  const free = available ? Number(available) * 1_024 : freemem();
  return Math.min(free, await readCgroupMemory());
}

/** Memory files of control groups, version 2 and 1. */
const CGROUP_FILES = [
  { limit: 'memory.max', used: 'memory.current', cached: /^inactive_file (\d+)/m, at: '/sys/fs/cgroup' },
  {
    limit: 'memory.limit_in_bytes',
    used: 'memory.usage_in_bytes',
    cached: /^total_inactive_file (\d+)/m,
    at: '/sys/fs/cgroup/memory',
  },
];

/** Returns the memory left in the control group, in bytes. Inactive page cache counts as free: it is reclaimable. */
async function readCgroupMemory(): Promise<number> {
  for (const { limit, used, cached, at } of CGROUP_FILES) {
    const max = Number.parseInt(await readText(`${at}/${limit}`), 10);
    if (!max) continue;
    const current = Number.parseInt(await readText(`${at}/${used}`), 10);
    const cache = Number(cached.exec(await readText(`${at}/memory.stat`))?.[1] ?? 0);
    return Math.max(0, max - (current - cache));
  }
  return Number.POSITIVE_INFINITY;
}
