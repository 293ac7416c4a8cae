/** Rows per statement, so that none holds locks for long. */
export const BATCH_SIZE = 5_000;

/** Repeats a statement that deletes at most `BATCH_SIZE` rows until none are left. Returns the number of rows. */
export async function deleteInBatches(signal: AbortSignal, deleteBatch: () => Promise<number>): Promise<number> {
  let total = 0;
  for (;;) {
    signal.throwIfAborted();
    const count = await deleteBatch();
    total += count;
    if (count < BATCH_SIZE) return total;
  }
}
