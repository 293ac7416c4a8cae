/** The first value that is there; looks again on every turn of the event loop, and gives up after `ms`. */
export async function until<T>(
  look: () => T | undefined | null | false | Promise<T | undefined | null | false>,
  ms = 60_000,
): Promise<T> {
  const end = Date.now() + ms;
  for (;;) {
    const value = await look();
    if (value) return value;
    if (Date.now() > end) throw new Error(`waited ${ms} ms in vain for: ${look}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
