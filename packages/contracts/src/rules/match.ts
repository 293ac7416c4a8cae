/** Result of comparing a rule with a request: `maybe` when it is unclear. */
export type Match = 'yes' | 'maybe' | 'no';

const order: Match[] = ['no', 'maybe', 'yes'];

export const weakest = (matches: Match[]): Match => order.find((match) => matches.includes(match)) ?? 'yes';
export const strongest = (matches: Match[]): Match => order.findLast((match) => matches.includes(match)) ?? 'no';
