/** The date of an answer has whole seconds, and the answer took a moment: smaller differences mean nothing. */
const TOLERANCE_MS = 2_500;

export type ServerClock = ReturnType<typeof createServerClock>;

/** Tells the server's time in milliseconds, however wrong this machine's clock is. `local` reads this machine's clock. */
export function createServerClock(local = Date.now) {
  let offset = 0;
  return {
    now: () => local() + offset,
    /** Learns the time from the `date` header of an answer that has just arrived. */
    observe(date: string | null) {
      const observed = Date.parse(date ?? '') - local();
      if (Math.abs(observed - offset) > TOLERANCE_MS) offset = observed;
    },
  };
}
