export type Slots = ReturnType<typeof createSlots>;

/** Creates a counter that gives each key up to `limit` slots at a time. */
export function createSlots(limit: number) {
  const used = new Map<string, number>();
  return {
    isFull: (key: string) => (used.get(key) ?? 0) >= limit,
    /** Returns false when no slot is free. */
    acquire(key: string): boolean {
      const count = used.get(key) ?? 0;
      if (count >= limit) return false;
      used.set(key, count + 1);
      return true;
    },
    release(key: string) {
      const count = used.get(key) ?? 0;
      if (count > 1) used.set(key, count - 1);
      else used.delete(key);
    },
  };
}
