/** Whether a rule is for something: `maybe` where that cannot be told. */
export type Match = 'yes' | 'maybe' | 'no';

const order: Match[] = ['no', 'maybe', 'yes'];

export const weakest = (matches: Match[]): Match => order.find((match) => matches.includes(match)) ?? 'yes';
export const strongest = (matches: Match[]): Match => order.findLast((match) => matches.includes(match)) ?? 'no';
