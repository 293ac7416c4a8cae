/** An answer's date is in whole seconds and a moment old: nearer than this it says nothing new. */
const TOLERANCE_MS = 2_500;

export type ServerClock = ReturnType<typeof createServerClock>;

/** Tells the server's time in milliseconds, however wrong this machine's own clock is. `local` reads that one. */
export function createServerClock(local = Date.now) {
  let offset = 0;
  return {
    now: () => local() + offset,
    /** Learns the time from the `date` header of an answer that has just come. */
    observe(date: string | null) {
      const observed = Date.parse(date ?? '') - local();
      if (Math.abs(observed - offset) > TOLERANCE_MS) offset = observed;
    },
  };
}
