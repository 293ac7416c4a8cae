import { type ApprovalRule, actionFor, ruleFor } from '@it0/contracts/approval-rule';
import { useId, useState } from 'react';
import { useTranslations } from 'use-intl';
import { control } from '../ui/field.tsx';

const looks = { allow: 'text-accent', ask: 'text-warn', deny: 'text-bad' };

/** What would become of a command by the rules as they are written now. */
export function RuleTester({ rules }: { rules: ApprovalRule[] }) {
  const t = useTranslations('rules');
  const id = useId();
  const [command, setCommand] = useState('');
  const rule = ruleFor(rules, { command });
  const { action } = actionFor(rules, { command });
  return (
    <div className="grid grid-cols-1 gap-1.5 rounded-xl bg-sunken p-3">
      <label htmlFor={id} className="font-medium text-sm">
        {t('test')}
      </label>
      <input
        id={id}
        className={`${control} font-mono`}
        value={command}
        placeholder="df -h"
        autoCapitalize="off"
        autoComplete="off"
        spellCheck={false}
        onChange={(event) => setCommand(event.target.value)}
        onKeyDown={(event) => {
          // Nothing is saved by trying.
          if (event.key === 'Enter') event.preventDefault();
        }}
      />
      <p role="status" data-testid="tested" className={`min-h-6 text-sm ${command ? looks[action] : 'text-faint'}`}>
        {command &&
          (rule
            ? t(`tested.${action}`, { place: rules.indexOf(rule) + 1 })
            : t(action === 'allow' ? 'tested.harmless' : 'tested.none'))}
      </p>
    </div>
  );
}
