import type { MergedRules } from '@it0/client/merge-rules';
import type { ApprovalRule } from '@it0/contracts/approval-rule';
import { useEffect, useRef } from 'react';
import { useTranslations } from 'use-intl';
import { Button } from '../../ui/button.tsx';

type Props = { merged: MergedRules; onDiscard(): void };

/** Shows what another person changed in the rules meanwhile. The local changes remain. */
export function RulesConflict({ merged, onDiscard }: Props) {
  const t = useTranslations('rules.conflict');
  const { added, removed, isReordered } = merged;
  const element = useRef<HTMLDivElement>(null);
  // The save button is at the other end of the list.
  useEffect(() => {
    // `void`, since newer browsers return a promise, which an effect must not return.
    void element.current?.scrollIntoView({ block: 'nearest' });
  }, [merged]);
  return (
    <div
      ref={element}
      role="alert"
      data-testid="conflict"
      className="grid gap-2 rounded-xl border border-warn p-3 text-sm"
    >
      <p className="font-semibold">{t('title')}</p>
      <p className="text-soft">{t('body')}</p>
      <Changes title={t('added')} rules={added} />
      <Changes title={t('removed')} rules={removed} />
      {isReordered && <p>{t('reordered')}</p>}
      <Button type="button" className="justify-self-start" onClick={onDiscard}>
        {t('discard')}
      </Button>
    </div>
  );
}

function Changes({ title, rules }: { title: string; rules: ApprovalRule[] }) {
  const t = useTranslations('rules');
  if (rules.length === 0) return null;
  return (
    <div>
      <p>{title}</p>
      <ul className="grid gap-1">
        {rules.map(({ kind, pattern, action }, index) => (
          <li key={index} className="flex flex-wrap gap-1.5">
            <span className="text-soft">{t(`action.${action}`)}</span>
            <code className="[overflow-wrap:anywhere]">{pattern}</code>
            {kind !== 'exec' && <span className="text-faint">{t(`kind.${kind}`)}</span>}
          </li>
        ))}
      </ul>
    </div>
  );
}
