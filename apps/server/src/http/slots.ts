export type Slots = ReturnType<typeof createSlots>;

/** Limits how many things each key has open at a time to `limit`. */
export function createSlots(limit: number) {
  const taken = new Map<string, number>();
  return {
    isFull: (key: string) => (taken.get(key) ?? 0) >= limit,
    /** Returns false when no slot is free. */
    take(key: string): boolean {
      const count = taken.get(key) ?? 0;
      if (count >= limit) return false;
      taken.set(key, count + 1);
      return true;
    },
    release(key: string) {
      const count = taken.get(key) ?? 0;
      if (count > 1) taken.set(key, count - 1);
      else taken.delete(key);
    },
  };
}
