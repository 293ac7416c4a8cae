import type { Batch } from '@it0/contracts/chat-event';

/** Batches on their way to one reader: pushed by the bus, pulled by the subscription. Ends when `signal` aborts. */
export class BatchQueue implements AsyncIterable<Batch> {
  #batches: Batch[] = [];
  #ended = false;
  #wake: () => void = () => {};

  constructor(signal: AbortSignal | undefined) {
    this.#ended = signal?.aborted ?? false;
    signal?.addEventListener('abort', () => this.end(), { once: true });
  }

  push(batch: Batch) {
    this.#batches.push(batch);
    this.#wake();
  }

  end() {
    this.#ended = true;
    this.#wake();
  }

  async *[Symbol.asyncIterator]() {
    while (!this.#ended) {
      const batch = this.#batches.shift();
      if (batch) yield batch;
      else await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }
}
