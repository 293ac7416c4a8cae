import { getReason } from '@it0/client/errors';
import { type MergedRules, mergeRules } from '@it0/client/merge-rules';
import { ApprovalRule } from '@it0/contracts/approval-rule';
import { limits } from '@it0/contracts/limits';
import { Plus } from 'lucide-react';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { client } from '../../trpc.ts';
import { Button } from '../../ui/button.tsx';
import { useAction } from '../../ui/use-action.ts';
import { RuleRow } from './rule-row.tsx';
import { RuleTester } from './rule-tester.tsx';
import { RulesConflict } from './rules-conflict.tsx';

/** A rule in the editor, which may be incomplete. */
export type Draft = { key: number; rule: ApprovalRule };
type Saved = Awaited<ReturnType<typeof client.approval.rules.query>>;

type Props = { instanceId: string; saved: Saved; onDone(): void };

const toDrafts = (rules: ApprovalRule[], from = 0): Draft[] =>
  rules.map((rule, index) => ({ key: from + index, rule }));
const nextKey = (drafts: Draft[]) => Math.max(-1, ...drafts.map((draft) => draft.key)) + 1;

/** Edits the ordered list of rules, which is saved as a whole. */
export function RulesEditor({ instanceId, saved, onDone }: Props) {
  const t = useTranslations();
  /** The saved list on which the edits are based. Another person can save a new one meanwhile. */
  const [base, setBase] = useState(saved);
  const [drafts, setDrafts] = useState(() => toDrafts(saved.rules));
  const [merged, setMerged] = useState<MergedRules | null>(null);
  const { busy, run } = useAction();
  const rules = drafts.map(({ rule }) => rule);
  const isValid = rules.every((rule) => ApprovalRule.safeParse(rule).success);
  const isChanged = JSON.stringify(rules) !== JSON.stringify(base.rules);
  const isSaved = (rule: ApprovalRule) => base.rules.some((one) => JSON.stringify(one) === JSON.stringify(rule));

  const add = () =>
    setDrafts([...drafts, { key: nextKey(drafts), rule: { kind: 'exec', pattern: '', action: 'allow' } }]);
  const show = (next: ApprovalRule[]) => setDrafts(toDrafts(next, nextKey(drafts)));
  const merge = async () => {
    const theirs = await client.approval.rules.query({ instanceId });
    const result = mergeRules(base.rules, rules, theirs.rules);
    setBase(theirs);
    setMerged(result);
    show(result.rules);
  };
  const save = async () => {
    try {
      await client.approval.setRules.mutate({ instanceId, rules, revision: base.revision });
    } catch (error) {
      if (getReason(error) !== 'RULES_CHANGED') throw error;
      return merge();
    }
    onDone();
    return t('rules.saved');
  };
  const discard = () => {
    show(base.rules);
    setMerged(null);
  };

  return (
    <form
      className="grid grid-cols-1 gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        if (isValid && isChanged) run(save);
      }}
    >
      {merged && <RulesConflict merged={merged} onDiscard={discard} />}
      {drafts.length === 0 && <p className="text-faint text-sm">{t('rules.none')}</p>}
      <ol className="grid grid-cols-1 gap-3 empty:hidden">
        {drafts.map((draft, index) => (
          <RuleRow
            key={draft.key}
            rule={draft.rule}
            position={index + 1}
            isLast={index === drafts.length - 1}
            isNew={!isSaved(draft.rule)}
            onChange={(rule) => setDrafts(drafts.with(index, { ...draft, rule }))}
            onMove={(by) => setDrafts(move(drafts, index, by))}
            onRemove={() => setDrafts(drafts.toSpliced(index, 1))}
          />
        ))}
      </ol>
      <Button
        className="justify-self-start"
        disabled={drafts.length === limits.approvalRules}
        onClick={add}
        type="button"
      >
        <Plus className="size-4" />
        {t('rules.add')}
      </Button>
      <RuleTester rules={rules} />
      <div className="flex flex-wrap justify-end gap-2">
        <Button type="button" onClick={onDone}>
          {t('app.cancel')}
        </Button>
        <Button type="submit" variant="solid" disabled={busy || !isValid || !isChanged}>
          {t('form.save')}
        </Button>
      </div>
    </form>
  );
}

function move(drafts: Draft[], index: number, by: -1 | 1): Draft[] {
  const draft = drafts[index]!;
  return drafts.toSpliced(index, 1).toSpliced(index + by, 0, draft);
}
