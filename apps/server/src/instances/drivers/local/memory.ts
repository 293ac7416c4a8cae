import { readFile } from 'node:fs/promises';
import { freemem } from 'node:os';

const text = (file: string) => readFile(file, 'utf8').catch(() => '');

/** What is left on this machine for more processes, in bytes: less where a container may take less than there is. */
export async function availableMemory(): Promise<number> {
  const available = /^MemAvailable:\s+(\d+) kB/m.exec(await text('/proc/meminfo'))?.[1];
  const free = available ? Number(available) * 1_024 : freemem();
  return Math.min(free, await leftInGroup());
}

const groups = [
  { limit: 'memory.max', used: 'memory.current', cached: /^inactive_file (\d+)/m, at: '/sys/fs/cgroup' },
  {
    limit: 'memory.limit_in_bytes',
    used: 'memory.usage_in_bytes',
    cached: /^total_inactive_file (\d+)/m,
    at: '/sys/fs/cgroup/memory',
  },
];

/** What its container lets this process still have. Files that are cached are given back as soon as somebody needs room. */
async function leftInGroup(): Promise<number> {
  for (const { limit, used, cached, at } of groups) {
    const most = Number.parseInt(await text(`${at}/${limit}`), 10);
    if (!most) continue;
    const taken = Number.parseInt(await text(`${at}/${used}`), 10);
    const cache = Number(cached.exec(await text(`${at}/memory.stat`))?.[1] ?? 0);
    return Math.max(0, most - (taken - cache));
  }
  return Number.POSITIVE_INFINITY;
}
