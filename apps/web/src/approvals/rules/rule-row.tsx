import { type ApprovalRule, findPatternProblem, RuleAction } from '@it0/contracts/approval-rule';
import { ApprovalKind } from '@it0/contracts/chat-event';
import { limits } from '@it0/contracts/limits';
import { ArrowDown, ArrowUp, Trash2 } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { Button } from '../../ui/button.tsx';
import { control } from '../../ui/form/field.tsx';
import { RuleMeaning } from './rule-meaning.tsx';

type Props = {
  rule: ApprovalRule;
  /** Position in the list, from 1. */
  position: number;
  isLast: boolean;
  /** The rule is not saved yet. */
  isNew: boolean;
  onChange(rule: ApprovalRule): void;
  onMove(by: -1 | 1): void;
  onRemove(): void;
};

/** Form row of one rule. */
export function RuleRow({ rule, position, isLast, isNew, onChange, onMove, onRemove }: Props) {
  const t = useTranslations('rules');
  const hasPattern = rule.pattern.trim() !== '';
  const problem = hasPattern ? findPatternProblem(rule) : undefined;
  return (
    <li data-testid="rule" className="grid grid-cols-1 gap-2 rounded-xl border border-line p-3">
      <div className="flex flex-wrap items-center gap-2">
        <span className="w-6 text-faint text-sm tabular-nums">{position}.</span>
        <select
          aria-label={t('actionOf', { position })}
          className={`${control} w-auto! flex-[1_0_6rem]`}
          value={rule.action}
          onChange={(event) => onChange({ ...rule, action: RuleAction.parse(event.target.value) })}
        >
          {RuleAction.options.map((action) => (
            <option key={action} value={action}>
              {t(`action.${action}`)}
            </option>
          ))}
        </select>
        <select
          aria-label={t('kindOf', { position })}
          className={`${control} w-auto! flex-[2_0_7rem]`}
          value={rule.kind}
          onChange={(event) => onChange({ ...rule, kind: ApprovalKind.parse(event.target.value) })}
        >
          {ApprovalKind.options.map((kind) => (
            <option key={kind} value={kind}>
              {t(`kind.${kind}`)}
            </option>
          ))}
        </select>
        <span className="ml-auto flex">
          <StepButton label={t('up', { position })} disabled={position === 1} onClick={() => onMove(-1)}>
            <ArrowUp className="size-4" />
          </StepButton>
          <StepButton label={t('down', { position })} disabled={isLast} onClick={() => onMove(1)}>
            <ArrowDown className="size-4" />
          </StepButton>
          <StepButton label={t('remove', { position })} onClick={onRemove}>
            <Trash2 className="size-4" />
          </StepButton>
        </span>
      </div>
      <input
        aria-label={t('patternOf', { position })}
        aria-invalid={problem ? true : undefined}
        className={`${control} font-mono`}
        value={rule.pattern}
        maxLength={limits.rulePattern}
        placeholder={t(`example.${rule.kind}`)}
        autoCapitalize="off"
        autoComplete="off"
        spellCheck={false}
        onChange={(event) => onChange({ ...rule, pattern: event.target.value })}
      />
      {problem && (
        <p role="alert" className="text-bad text-sm">
          {t(`problem.${problem}`)}
        </p>
      )}
      {hasPattern && !problem && <RuleMeaning rule={rule} open={isNew} />}
    </li>
  );
}

type StepButtonProps = { label: string; disabled?: boolean; onClick(): void; children: ReactNode };

const StepButton = ({ label, ...props }: StepButtonProps) => (
  <Button type="button" variant="ghost" shape="icon" aria-label={label} className="disabled:opacity-40" {...props} />
);
