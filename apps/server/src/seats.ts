export type Seats = ReturnType<typeof createSeats>;

/** Counts what each key has open, `most` of them at a time. */
export function createSeats(most: number) {
  const taken = new Map<string, number>();
  return {
    isFull: (key: string) => (taken.get(key) ?? 0) >= most,
    /** False when there is none left. */
    take(key: string): boolean {
      const count = taken.get(key) ?? 0;
      if (count >= most) return false;
      taken.set(key, count + 1);
      return true;
    },
    leave(key: string) {
      const count = taken.get(key) ?? 0;
      if (count > 1) taken.set(key, count - 1);
      else taken.delete(key);
    },
  };
}
