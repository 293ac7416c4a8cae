type Reading = { isRunning: boolean; answer: Promise<unknown>; next: Reading | null };

export type SharedReads = ReturnType<typeof createSharedReads>;

/**
 * Reads the same thing once for all who ask for it at the same time. Whoever asks gets a reading that began afterwards, so
 * it holds every change made before; of one key there is one under way, and one that waits with everybody who came
 * meanwhile. The answer is shared: nobody may change it.
 */
export function createSharedReads() {
  const readings = new Map<string, Reading>();

  function begin(key: string, read: () => Promise<unknown>, before: Promise<unknown>): Reading {
    const reading: Reading = {
      isRunning: false,
      next: null,
      answer: before
        .catch(() => {})
        // Those who heard of one change ask one after the other: they all join before it begins.
        .then(() => new Promise(setImmediate))
        .then(() => {
          reading.isRunning = true;
          return read();
        })
        .finally(() => {
          if (reading.next) readings.set(key, reading.next);
          else readings.delete(key);
        }),
    };
    return reading;
  }

  return <T>(key: string, read: () => Promise<T>): Promise<T> => {
    const current = readings.get(key);
    if (!current) {
      const reading = begin(key, read, Promise.resolve());
      readings.set(key, reading);
      return reading.answer as Promise<T>;
    }
    if (!current.isRunning) return current.answer as Promise<T>;
    current.next ??= begin(key, read, current.answer);
    return current.next.answer as Promise<T>;
  };
}
