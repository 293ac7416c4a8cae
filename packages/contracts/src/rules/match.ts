/** Result of comparing a rule with a request: `maybe` when it is unclear. */
export type Match = 'yes' | 'maybe' | 'no';

const order: Match[] = ['no', 'maybe', 'yes'];

/** Returns the result when all comparisons must match; `yes` without any. */
export const weakest = (matches: Match[]): Match => order.find((match) => matches.includes(match)) ?? 'yes';
/** Returns the result when one comparison must match; `no` without any. */
export const strongest = (matches: Match[]): Match => order.findLast((match) => matches.includes(match)) ?? 'no';
