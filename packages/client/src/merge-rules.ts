import type { ApprovalRule } from '@it0/contracts/approval-rule';

/** Result of `mergeRules`. */
export type MergedRules = {
  rules: ApprovalRule[];
  /** Rules that the saved list has added to the base. */
  added: ApprovalRule[];
  /** Rules that the saved list has removed from the base. */
  removed: ApprovalRule[];
  /** The saved list also has another order, which the merged list ignores. */
  isReordered: boolean;
};

/** A rule with a key that is unique in its list, since a list can contain the same rule several times. */
type Keyed = { key: string; rule: ApprovalRule };

/**
 * Merges the list that another person saved, `theirs`, into `own`, both based on `base`. Own changes and the own order
 * remain. A rule that they added is placed after the rule that it follows in their list, or at the top.
 */
export function mergeRules(base: ApprovalRule[], own: ApprovalRule[], theirs: ApprovalRule[]): MergedRules {
  const [before, mine, saved] = [base, own, theirs].map(toKeyed) as [Keyed[], Keyed[], Keyed[]];
  const added = without(saved, before);
  const removed = without(before, saved);
  const merged = without(mine, removed);
  for (const one of without(added, mine)) {
    const followed = saved.slice(0, indexIn(saved, one)).findLast((other) => indexIn(merged, other) >= 0);
    merged.splice(followed ? indexIn(merged, followed) + 1 : 0, 0, one);
  }
  return {
    rules: toRules(merged),
    added: toRules(added),
    removed: toRules(removed),
    isReordered: joinKeys(without(saved, added)) !== joinKeys(without(before, removed)),
  };
}

function toKeyed(rules: ApprovalRule[]): Keyed[] {
  const seen = new Map<string, number>();
  return rules.map((rule) => {
    const text = JSON.stringify([rule.kind, rule.pattern, rule.action]);
    const count = (seen.get(text) ?? 0) + 1;
    seen.set(text, count);
    return { key: `${count} ${text}`, rule };
  });
}

const toRules = (list: Keyed[]) => list.map(({ rule }) => rule);
const joinKeys = (list: Keyed[]) => list.map(({ key }) => key).join('\n');
const indexIn = (list: Keyed[], { key }: Keyed) => list.findIndex((one) => one.key === key);
const without = (list: Keyed[], others: Keyed[]) => list.filter((one) => indexIn(others, one) < 0);
