/** Numbers that look random and are the same again for the same seed (mulberry32). */
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
    /** From `least` to `most`, both included. */
    int: (least: number, most: number) => least + Math.floor(next() * (most - least + 1)),
    pick: <T>(list: readonly T[]): T => list[Math.floor(next() * list.length)]!,
    chance: (share: number) => next() < share,
    /** Resolves after a while that nobody can foresee, in milliseconds. */
    moment: (least: number, most: number) =>
      new Promise<void>((resolve) => setTimeout(resolve, least + next() * (most - least))),
    /** Another stream of numbers, so that what one user draws does not move what another does. */
    fork: () => createRandom(Math.floor(next() * 2 ** 32)),
  };
}
export type Random = ReturnType<typeof createRandom>;
