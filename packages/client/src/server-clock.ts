/** Differences below this are ignored: a `date` header has whole seconds, and a response takes time to arrive. */
const TOLERANCE_MS = 2_500;

/** Clock with the server's time, made by `createServerClock`. */
export type ServerClock = ReturnType<typeof createServerClock>;

/** Creates a clock with the server's time, independent of errors of the local one. All times are milliseconds. */
export function createServerClock(local = Date.now) {
  let offset = 0;
  return {
    /** Returns the server's time. */
    now: () => local() + offset,
    /** Updates the offset from the `date` header of a response that arrived just now, or at a local time. */
    observe(date: string | null, arrivedAt = local()) {
      const observed = Date.parse(date ?? '') - arrivedAt;
      if (Math.abs(observed - offset) > TOLERANCE_MS) offset = observed;
    },
  };
}
