import type { ApprovalStep } from '@it0/contracts/reply';
import { useTranslations } from 'use-intl';
import { isUnsandboxed, pickIcon } from '../../../approvals/approval-style.ts';
import { Outcome } from '../../../approvals/outcome.tsx';
import { ShortPath } from '../../../approvals/short-path.tsx';

/** The result of an approval on one line, without the command. */
export function DecisionLine({ step, className = '' }: { step: ApprovalStep; className?: string }) {
  const t = useTranslations();
  if (step.status === 'PENDING') return null;
  const Icon = pickIcon(step, step.status);
  return (
    <div
      data-testid="decision"
      data-status={step.status}
      className={`flex min-w-0 flex-wrap items-center gap-x-2 text-faint text-xs ${className}`}
    >
      <Icon className="size-4 shrink-0" />
      {isUnsandboxed(step) && <span className="font-medium text-bad">{t('rules.kind.exec-unsandboxed')}</span>}
      <Outcome outcome={{ ...step, status: step.status }} />
      {step.cwd && <span>{t.rich('approval.folder', { cwd: () => <ShortPath path={step.cwd!} /> })}</span>}
    </div>
  );
}
