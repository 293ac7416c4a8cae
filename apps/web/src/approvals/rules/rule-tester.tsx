import { type ApprovalRule, decideByRules, type RuleDecision } from '@it0/contracts/approval-rule';
import { useId, useState } from 'react';
import { useTranslations } from 'use-intl';
import { control } from '../../ui/form/field.tsx';

const colors = { allow: 'text-accent', ask: 'text-warn', deny: 'text-bad' };

type CommandKind = Extract<ApprovalRule['kind'], 'exec' | 'exec-unsandboxed'>;
const kinds: CommandKind[] = ['exec', 'exec-unsandboxed'];

const findOutcome = ({ action, because }: RuleDecision<ApprovalRule>) => {
  if (because === 'rule') return action;
  return because === 'unusual' ? 'none' : because;
};

/** Shows how the rules in the editor decide about a command. Nothing is saved or run. */
export function RuleTester({ rules }: { rules: ApprovalRule[] }) {
  const t = useTranslations('rules');
  const id = useId();
  const [command, setCommand] = useState('');
  const [kind, setKind] = useState<CommandKind>('exec');
  const decision = decideByRules(rules, { kind, command });
  return (
    <div className="grid grid-cols-1 gap-1.5 rounded-xl bg-sunken p-3">
      <label htmlFor={id} className="font-medium text-sm">
        {t('test')}
      </label>
      <select
        aria-label={t('testKind')}
        className={control}
        value={kind}
        onChange={(event) => setKind(kinds.find((one) => one === event.target.value) ?? 'exec')}
      >
        {kinds.map((one) => (
          <option key={one} value={one}>
            {t(`kind.${one}`)}
          </option>
        ))}
      </select>
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
          // Enter must not submit the surrounding form.
          if (event.key === 'Enter') event.preventDefault();
        }}
      />
      <p role="status" data-testid="tested" className={`min-h-6 text-sm ${command ? colors[decision.action] : ''}`}>
        {command &&
          t(`tested.${findOutcome(decision)}`, { position: decision.rule ? rules.indexOf(decision.rule) + 1 : 0 })}
      </p>
    </div>
  );
}
