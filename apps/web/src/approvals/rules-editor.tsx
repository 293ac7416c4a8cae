import { ApprovalRule } from '@it0/contracts/approval-rule';
import { limits } from '@it0/contracts/limits';
import { Plus } from 'lucide-react';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { client } from '../trpc.ts';
import { Button } from '../ui/button.tsx';
import { useAct } from '../ui/use-act.ts';
import { RuleRow } from './rule-row.tsx';
import { RuleTester } from './rule-tester.tsx';

/** A rule as it is being written. */
export type Draft = { key: number; rule: ApprovalRule };

type Props = { instanceId: string; rules: ApprovalRule[]; onDone(): void };

/** The list in its order, changed here and kept as a whole. */
export function RulesEditor({ instanceId, rules, onDone }: Props) {
  const t = useTranslations();
  const [drafts, setDrafts] = useState<Draft[]>(() => rules.map((rule, key) => ({ key, rule })));
  const { busy, act } = useAct();
  const written = drafts.map(({ rule }) => rule);
  const isWhole = written.every((rule) => ApprovalRule.safeParse(rule).success);
  const isChanged = JSON.stringify(written) !== JSON.stringify(rules);

  const add = () => {
    const key = Math.max(-1, ...drafts.map((draft) => draft.key)) + 1;
    setDrafts([...drafts, { key, rule: { kind: 'exec', pattern: '', action: 'allow' } }]);
  };
  const save = async () => {
    await client.approval.setRules.mutate({ instanceId, rules: written });
    onDone();
    return t('rules.saved');
  };

  return (
    <form
      className="grid grid-cols-1 gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        if (isWhole && isChanged) act(save);
      }}
    >
      {drafts.length === 0 && <p className="text-faint text-sm">{t('rules.none')}</p>}
      <ol className="grid grid-cols-1 gap-3 empty:hidden">
        {drafts.map((draft, index) => (
          <RuleRow
            key={draft.key}
            rule={draft.rule}
            place={index + 1}
            isLast={index === drafts.length - 1}
            onChange={(rule) => setDrafts(drafts.with(index, { ...draft, rule }))}
            onMove={(by) => setDrafts(moved(drafts, index, by))}
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
      <RuleTester rules={written} />
      <div className="flex flex-wrap justify-end gap-2">
        <Button type="button" onClick={onDone}>
          {t('app.cancel')}
        </Button>
        <Button type="submit" look="solid" disabled={busy || !isWhole || !isChanged}>
          {t('form.save')}
        </Button>
      </div>
    </form>
  );
}

function moved(drafts: Draft[], index: number, by: -1 | 1): Draft[] {
  const draft = drafts[index]!;
  return drafts.toSpliced(index, 1).toSpliced(index + by, 0, draft);
}
