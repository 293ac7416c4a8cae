import type { ApprovalRule } from '@it0/contracts/approval-rule';

export type MergedRules = {
  rules: ApprovalRule[];
  /** What somebody else has added and removed since. */
  added: ApprovalRule[];
  removed: ApprovalRule[];
  /** They have changed the order too, which does not show in the merged list. */
  isReordered: boolean;
};

/** A rule with how often it stood in the list before. */
type Keyed = { key: string; rule: ApprovalRule };

/**
 * Merges a list that somebody else has saved into one's own, where both began with `base`. One's own changes and order
 * stay; what they added stands after the rule that it follows in theirs, and at the top where it follows none.
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
    isReordered: keysOf(without(saved, added)) !== keysOf(without(before, removed)),
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
const keysOf = (list: Keyed[]) => list.map(({ key }) => key).join('\n');
const indexIn = (list: Keyed[], { key }: Keyed) => list.findIndex((one) => one.key === key);
const without = (list: Keyed[], others: Keyed[]) => list.filter((one) => indexIn(others, one) < 0);
