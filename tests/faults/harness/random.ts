/** Creates a pseudo-random generator with reproducible numbers (mulberry32). */
export function createRandom(seed: number) {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    /** Returns an integer from `min` to `max`, both included. */
    int: (min: number, max: number) => min + Math.floor(next() * (max - min + 1)),
    pick: <T>(list: readonly T[]): T => list[Math.floor(next() * list.length)]!,
    chance: (share: number) => next() < share,
    /** Resolves after a random time, in milliseconds. */
    moment: (min: number, max: number) =>
      new Promise<void>((resolve) => setTimeout(resolve, min + next() * (max - min))),
    /** Creates an independent generator, so that the draws of one user do not affect another's. */
    fork: () => createRandom(Math.floor(next() * 2 ** 32)),
  };
}
export type Random = ReturnType<typeof createRandom>;
