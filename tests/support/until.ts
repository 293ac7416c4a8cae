/** Polls every 5 ms until a value is truthy, and returns it. Throws after `ms`. */
export async function until<T>(
  read: () => T | undefined | null | false | Promise<T | undefined | null | false>,
  ms = 60_000,
): Promise<T> {
  const end = Date.now() + ms;
  for (;;) {
    const value = await read();
    if (value) return value;
    if (Date.now() > end) throw new Error(`not true after ${ms} ms: ${read}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
