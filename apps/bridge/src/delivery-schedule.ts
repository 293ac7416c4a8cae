import { type Backoff, computeBackoffMs } from '@it0/node/backoff';

const BACKOFF: Backoff = { firstMs: 200, maxMs: 10_000 };

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
  backOff(waitMs: number | null) {
    this.#failures += 1;
    this.pause(waitMs ?? computeBackoffMs(this.#failures, BACKOFF));
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
