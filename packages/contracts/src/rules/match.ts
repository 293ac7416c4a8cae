/** Result of comparing a rule with a request: `maybe` when it is unclear. */
export type Match = 'yes' | 'maybe' | 'no';

/** The results from the weakest to the strongest. */
const ORDER: Match[] = ['no', 'maybe', 'yes'];

/** Returns the result when all comparisons must match; `yes` without any. */
export const weakest = (matches: Match[]): Match => ORDER.find((match) => matches.includes(match)) ?? 'yes';
/** Returns the result when one comparison must match; `no` without any. */
export const strongest = (matches: Match[]): Match => ORDER.findLast((match) => matches.includes(match)) ?? 'no';
