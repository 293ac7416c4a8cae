// Preloaded into every process that is measured: answers what it has used so far.

export type Usage = {
  /** What the process's own objects take after a collection, in bytes. */
  memory: number;
  /** User and system time, in milliseconds. */
  cpuMs: number;
};

process.on('message', (message) => {
  if (message !== 'usage') return;
  globalThis.gc?.();
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  const { user, system } = process.cpuUsage();
  process.send?.({ memory: heapUsed + external, cpuMs: (user + system) / 1000 } satisfies Usage);
});
