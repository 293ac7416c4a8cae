import { limits } from '@it0/contracts/limits';
import { Plus } from 'lucide-react';
import { useTranslations } from 'use-intl';
import { Button } from '../../ui/button.tsx';
import { useAction } from '../../ui/toast/use-action.ts';
import { RuleRow } from './rule-row.tsx';
import { RuleTester } from './rule-tester.tsx';
import { RulesConflict } from './rules-conflict.tsx';
import { type SavedRules, useRules } from './use-rules.ts';

type Props = { instanceId: string; saved: SavedRules; onDone(): void };

/** Edits the ordered list of rules, which is saved as a whole. */
export function RulesEditor({ instanceId, saved, onDone }: Props) {
  const t = useTranslations();
  const rules = useRules(instanceId, saved);
  const { busy, run } = useAction();
  const save = async () => {
    if (!(await rules.save())) return;
    onDone();
    return t('rules.saved');
  };

  return (
    <form
      className="grid grid-cols-1 gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        if (rules.canSave) run(save);
      }}
    >
      {rules.merged && <RulesConflict merged={rules.merged} onDiscard={rules.discard} />}
      {rules.drafts.length === 0 && <p className="text-faint text-sm">{t('rules.none')}</p>}
      <ol className="grid grid-cols-1 gap-3 empty:hidden">
        {rules.drafts.map((draft, index) => (
          <RuleRow
            key={draft.key}
            rule={draft.rule}
            position={index + 1}
            isLast={index === rules.drafts.length - 1}
            isNew={!rules.isSaved(draft.rule)}
            onChange={(rule) => rules.change(index, rule)}
            onMove={(by) => rules.move(index, by)}
            onRemove={() => rules.remove(index)}
          />
        ))}
      </ol>
      <Button
        className="justify-self-start"
        disabled={rules.drafts.length === limits.approvalRules}
        onClick={rules.add}
        type="button"
      >
        <Plus className="size-4" />
        {t('rules.add')}
      </Button>
      <RuleTester rules={rules.list} />
      <div className="-mx-5 -mb-5 sticky -bottom-5 flex flex-wrap justify-end gap-2 border-line border-t bg-panel px-5 py-3">
        <Button type="button" onClick={onDone}>
          {t('app.cancel')}
        </Button>
        <Button type="submit" variant="solid" disabled={busy || !rules.canSave}>
          {t('form.save')}
        </Button>
      </div>
    </form>
  );
}
