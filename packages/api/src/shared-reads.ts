type Read = { isRunning: boolean; answer: Promise<unknown>; next: Read | null };

export type SharedReads = ReturnType<typeof createSharedReads>;

/**
 * Coalesces concurrent reads of the same key. A request always gets a read that begins after it, so the result contains
 * every earlier change. Per key at most one read runs, and one more waits with all requests that arrived meanwhile. The
 * result is shared, so callers must not change it.
 */
export function createSharedReads() {
  const reads = new Map<string, Read>();

  function begin(key: string, read: () => Promise<unknown>, before: Promise<unknown>): Read {
    const entry: Read = {
      isRunning: false,
      next: null,
      answer: before
        .catch(() => {})
        // Subscribers of one change call this one after another. The delay lets all of them share the read.
        .then(() => new Promise(setImmediate))
        .then(() => {
          entry.isRunning = true;
          return read();
        })
        .finally(() => {
          if (entry.next) reads.set(key, entry.next);
          else reads.delete(key);
        }),
    };
    return entry;
  }

  return <T>(key: string, read: () => Promise<T>): Promise<T> => {
    const current = reads.get(key);
    if (!current) {
      const entry = begin(key, read, Promise.resolve());
      reads.set(key, entry);
      return entry.answer as Promise<T>;
    }
    if (!current.isRunning) return current.answer as Promise<T>;
    current.next ??= begin(key, read, current.answer);
    return current.next.answer as Promise<T>;
  };
}
