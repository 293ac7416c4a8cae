import { getReason } from '@it0/client/errors';
import { type MergedRules, mergeRules } from '@it0/client/merge-rules';
import { ApprovalRule } from '@it0/contracts/approval-rule';
import { useState } from 'react';
import { client } from '../../trpc.ts';

export type SavedRules = Awaited<ReturnType<typeof client.approval.rules.query>>;
/** A rule in the editor, which may be incomplete. */
type Draft = { key: number; rule: ApprovalRule };

const EMPTY_RULE: ApprovalRule = { kind: 'exec', pattern: '', action: 'allow' };

const toDrafts = (rules: ApprovalRule[], from = 0): Draft[] =>
  rules.map((rule, index) => ({ key: from + index, rule }));
const nextKey = (drafts: Draft[]) => Math.max(-1, ...drafts.map((draft) => draft.key)) + 1;

/** Returns the rules in the editor, and what changes them. */
export function useRules(instanceId: string, saved: SavedRules) {
  /** The saved list on which the edits are based. Another person can save a new one meanwhile. */
  const [base, setBase] = useState(saved);
  const [drafts, setDrafts] = useState(() => toDrafts(saved.rules));
  const [merged, setMerged] = useState<MergedRules | null>(null);
  const list = drafts.map(({ rule }) => rule);
  const isValid = list.every((rule) => ApprovalRule.safeParse(rule).success);
  const isChanged = JSON.stringify(list) !== JSON.stringify(base.rules);
  const show = (next: ApprovalRule[]) => setDrafts(toDrafts(next, nextKey(drafts)));

  const merge = async () => {
    const theirs = await client.approval.rules.query({ instanceId });
    const result = mergeRules(base.rules, list, theirs.rules);
    setBase(theirs);
    setMerged(result);
    show(result.rules);
  };
  return {
    list,
    drafts,
    merged,
    canSave: isValid && isChanged,
    isSaved: (rule: ApprovalRule) => base.rules.some((one) => JSON.stringify(one) === JSON.stringify(rule)),
    add: () => setDrafts([...drafts, { key: nextKey(drafts), rule: EMPTY_RULE }]),
    change: (index: number, rule: ApprovalRule) => setDrafts(drafts.with(index, { ...drafts[index]!, rule })),
    move(index: number, by: -1 | 1) {
      const draft = drafts[index]!;
      setDrafts(drafts.toSpliced(index, 1).toSpliced(index + by, 0, draft));
    },
    remove: (index: number) => setDrafts(drafts.toSpliced(index, 1)),
    /** Saves the list. Returns false if another person has changed it: then it is merged with theirs instead. */
    async save(): Promise<boolean> {
      try {
        await client.approval.setRules.mutate({ instanceId, rules: list, revision: base.revision });
        return true;
      } catch (error) {
        if (getReason(error) !== 'RULES_CHANGED') throw error;
        await merge();
        return false;
      }
    },
    discard() {
      show(base.rules);
      setMerged(null);
    },
  };
}
