// Preloaded into every measured process. Reports its resource usage on request.

export type Usage = {
  /** Size of the heap and external memory after a garbage collection, in bytes. */
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
