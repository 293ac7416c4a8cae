import type { InstanceUsage } from '@it0/api/agent/instance/instance-records';
import { findTree, listProcesses } from '@it0/node/process';

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
    return roots.map((root) => {
      let [memoryBytes, cpuUsed] = [0, 0];
      for (const { id, cpuSeconds, memoryBytes: bytes } of findTree(processes, root)) {
        memoryBytes += bytes;
        // A new process starts at zero CPU time.
        cpuUsed += Math.max(0, cpuSeconds - (last.get(id) ?? (last.size > 0 ? 0 : cpuSeconds)));
      }
      return { memoryBytes, cpuPercent: Math.round((cpuUsed / seconds) * 100) };
    });
  };
}
