type BatcherOptions<Input, Output> = {
  /** Runs a batch. Returns one output for each input, in the same order. */
  runBatch(inputs: Input[]): Promise<Output[]>;
  /** Maximum number of batches that run at the same time. */
  concurrency?: number;
  maxBatchSize?: number;
  /** Inputs with the same key never run at the same time. */
  getKey?(input: Input): string;
};

/**
 * Creates a function that runs many calls with few statements, after the idea of DataLoader. A call runs at once when a
 * slot is free. Calls that arrive meanwhile form the next batch, so the load of the database does not grow with the
 * number of calls. When a batch fails, each of its inputs runs alone, so that one bad input does not fail the others.
 */
export function createBatcher<Input, Output>({
  runBatch,
  concurrency = 1,
  maxBatchSize = 500,
  getKey,
}: BatcherOptions<Input, Output>) {
  type Call = PromiseWithResolvers<Output> & { input: Input; key: string | undefined };
  const activeKeys = new Set<string>();
  let queue: Call[] = [];
  let activeBatches = 0;

  function runQueue() {
    while (activeBatches < concurrency && queue.length > 0) {
      const batch: Call[] = [];
      const remaining: Call[] = [];
      for (const call of queue) {
        const canRun = batch.length < maxBatchSize && (call.key === undefined || !activeKeys.has(call.key));
        if (canRun && call.key !== undefined) activeKeys.add(call.key);
        (canRun ? batch : remaining).push(call);
      }
      queue = remaining;
      if (batch.length === 0) return;
      // Statements that lock rows by key lock them in the same order, which prevents deadlocks.
      if (getKey) batch.sort((one, other) => (one.key! < other.key! ? -1 : 1));
      activeBatches++;
      void settle(batch).then(() => {
        activeBatches--;
        for (const { key } of batch) if (key !== undefined) activeKeys.delete(key);
        runQueue();
      });
    }
  }

  async function settle(batch: Call[]) {
    try {
      const outputs = await runBatch(batch.map(({ input }) => input));
      for (const [index, { resolve }] of batch.entries()) resolve(outputs[index]!);
    } catch (error) {
      if (batch.length === 1) batch[0]!.reject(error);
      else await Promise.all(batch.map((call) => settle([call])));
    }
  }

  return (input: Input): Promise<Output> => {
    const call = { ...Promise.withResolvers<Output>(), input, key: getKey?.(input) };
    queue.push(call);
    runQueue();
    return call.promise;
  };
}

type TenantBatcherOptions<Input, Output> = Omit<BatcherOptions<Input, Output>, 'runBatch'> & {
  runBatch(tenantId: string, inputs: Input[]): Promise<Output[]>;
};

/** Creates a batcher per tenant, for statements on the tables of one tenant. */
export function createTenantBatcher<Input, Output>({ runBatch, ...options }: TenantBatcherOptions<Input, Output>) {
  const batchers = new Map<string, (input: Input) => Promise<Output>>();
  return (tenantId: string, input: Input): Promise<Output> => {
    let run = batchers.get(tenantId);
    if (!run) {
      run = createBatcher({ ...options, runBatch: (inputs) => runBatch(tenantId, inputs) });
      batchers.set(tenantId, run);
    }
    return run(input);
  };
}
