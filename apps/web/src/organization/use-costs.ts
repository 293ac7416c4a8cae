import { useFormatter } from 'use-intl';
import type { UsageOfDay } from './sum-usage.ts';

/** Returns a function that formats the amounts of several currencies; a dash if there are none. */
export function useCosts() {
  const format = useFormatter();
  return (costs: UsageOfDay['costs']) =>
    costs.map(({ currency, amount }) => format.number(amount, { style: 'currency', currency })).join(' + ') || '–';
}
