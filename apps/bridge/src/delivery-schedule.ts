const BACKOFF = { firstMs: 200, maxMs: 10_000 };

/** The time of a task's next callback: after an interval, or later when the last callbacks failed. */
export class DeliverySchedule {
  #failures = 0;
  #lastPostAt = performance.now();
  #notBefore = 0;

  /** The number of callbacks that failed since the last progress. */
  get failures() {
    return this.#failures;
  }

  /** Returns the delay of the next callback, which is due `intervalMs` after the last one. */
  getDelayMs(intervalMs: number) {
    return Math.max(0, Math.max(this.#lastPostAt + intervalMs, this.#notBefore) - performance.now());
  }

  startPost() {
    this.#lastPostAt = performance.now();
  }

  /** Delays the next callback after a failure, by `waitMs` if the server asked for it. */
  backOff(waitMs?: number) {
    const delayMs = Math.min(BACKOFF.maxMs, BACKOFF.firstMs * 2 ** this.#failures++);
    this.pause(waitMs ?? delayMs * (0.5 + Math.random() / 2));
  }

  pause(ms: number) {
    this.#notBefore = performance.now() + ms;
  }

  /** Forgets the failures after progress. */
  reset() {
    this.#failures = 0;
    this.#notBefore = 0;
  }
}
