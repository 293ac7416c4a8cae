export type EveryOptions = {
  ms: number;
  /** Work of one pass. */
  run(): unknown;
  /** Receives what `run` throws or rejects with. The next pass runs as usual. */
  onError(error: unknown): void;
};

/** Periodic work, which ends when it is disposed. Disposing it waits for the running pass. */
export type Loop = AsyncDisposable & {
  /**
   * Starts a pass now; during a pass, one more after it, however often it is called. Resolves after that pass, and at
   * once when the loop is disposed.
   */
  wake(): Promise<void>;
};

/**
 * Runs a function every `ms` milliseconds, first after `ms`. Passes do not overlap: one that would begin during another
 * is omitted. The timer alone does not keep the process alive.
 */
export function every({ ms, run, onError }: EveryOptions): Loop {
  let running: Promise<void> | undefined;
  let isDue = false;
  let isDisposed = false;

  async function runWhileDue() {
    while (isDue && !isDisposed) {
      isDue = false;
      try {
        await run();
      } catch (error) {
        onError(error);
      }
    }
    running = undefined;
  }
  function wake(): Promise<void> {
    isDue = true;
    // A microtask later, so that a pass that wakes the loop at once finds itself running.
    running ??= Promise.resolve().then(runWhileDue);
    return running;
  }
  const timer = setInterval(() => running ?? wake(), ms).unref();

  return {
    wake,
    async [Symbol.asyncDispose]() {
      isDisposed = true;
      clearInterval(timer);
      await running;
    },
  };
}
