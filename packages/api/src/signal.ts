/** A flag that one reader waits for. Setting it ends the reader's wait, or its next one if it is not waiting. */
export class Signal {
  #isSet = false;
  #wake: ((value: undefined) => void) | undefined;

  set() {
    const wake = this.#wake;
    this.#wake = undefined;
    this.#isSet = !wake;
    wake?.(undefined);
  }

  /** Resolves when the signal has been set since the last wait. Not `async`, which would take memory while it waits. */
  wait(): Promise<undefined> {
    if (!this.#isSet) return new Promise((resolve) => (this.#wake = resolve));
    this.#isSet = false;
    return Promise.resolve(undefined);
  }

  /** Resolves when the signal has been set since the last wait, or after `withinMs`. */
  async waitFor(withinMs: number): Promise<void> {
    const timer = setTimeout(() => this.set(), withinMs);
    await this.wait();
    clearTimeout(timer);
  }
}
