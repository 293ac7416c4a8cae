import { useChat, useChatScope } from '@it0/client/react/chat-scope';
import type { ApprovalStep } from '@it0/contracts/reply';
import { ShieldAlert, ShieldCheck, ShieldX } from 'lucide-react';
import { useTranslations } from 'use-intl';
import { Decide, Wait } from '../approvals/decide.tsx';
import { Unusual } from '../approvals/unusual.tsx';
import { useOutcome } from '../approvals/use-outcome.ts';
import { usePermission } from '../sign-in/use-me.ts';

export const approvalElement = (approvalId: string) => `approval-${approvalId}`;

/** A command that waits for a person, and what became of it; what a rule decided waited for nobody, and takes one line. */
export const ApprovalCard = ({ step }: { step: ApprovalStep }) =>
  step.decidedByRule ? <Ruled step={step} /> : <Asked step={step} />;

function Ruled({ step }: { step: ApprovalStep }) {
  const Icon = step.status === 'ALLOWED' ? ShieldCheck : ShieldX;
  return (
    <div
      id={approvalElement(step.approvalId)}
      data-testid="approval-card"
      data-status={step.status}
      className="flex min-w-0 flex-wrap items-center gap-x-2 gap-y-1 px-1"
    >
      <Icon className="size-4 shrink-0 text-faint" />
      <code className="line-clamp-3 min-w-0 max-w-full font-mono text-sm [overflow-wrap:anywhere]">{step.command}</code>
      <Outcome step={step} />
    </div>
  );
}

/** It keeps its height when it is decided: nothing slides under a pointer. */
function Asked({ step }: { step: ApprovalStep }) {
  const t = useTranslations('approval');
  const id = approvalElement(step.approvalId);
  const pending = step.status === 'PENDING';
  const decides = usePermission('approval:decide');
  const Icon = pending ? ShieldAlert : step.status === 'ALLOWED' ? ShieldCheck : ShieldX;
  return (
    <fieldset
      id={id}
      tabIndex={-1}
      aria-labelledby={`${id}-title`}
      data-testid="approval-card"
      data-status={step.status}
      className={`min-w-0 rounded-xl border p-3.5 ${pending ? 'animate-rise border-warn/50 bg-warn-wash' : 'border-line'}`}
    >
      <div className="flex items-center gap-2">
        <Icon className={`size-4.5 shrink-0 ${pending ? 'text-warn' : 'text-faint'}`} />
        <h3 id={`${id}-title`} className="font-semibold text-sm">
          {t('title')}
        </h3>
      </div>
      <pre className="mt-2.5 max-h-60 overflow-auto whitespace-pre-wrap rounded-lg border border-line bg-sunken px-3 py-2 font-mono text-sm [overflow-wrap:anywhere]">
        {step.command}
      </pre>
      {step.cwd && (
        <p className="mt-1.5 font-mono text-faint text-xs [overflow-wrap:anywhere]">{t('folder', { cwd: step.cwd })}</p>
      )}
      <Unusual approval={step} />
      <div className="mt-3 flex min-h-9 flex-wrap items-center gap-2 pointer-coarse:min-h-11">
        {!pending ? <Outcome step={step} /> : decides ? <DecideHere step={step} /> : <Wait until={step.expiresAt} />}
      </div>
    </fieldset>
  );
}

function DecideHere({ step }: { step: ApprovalStep }) {
  const { chat } = useChatScope();
  const live = useChat((state) => state.live);
  return <Decide approval={step} live={live} decide={(decision) => chat.decide(step, decision)} />;
}

function Outcome({ step }: { step: ApprovalStep }) {
  const outcome = useOutcome();
  if (step.status === 'PENDING') return null;
  return (
    <p className={`text-sm [overflow-wrap:anywhere] ${step.status === 'ALLOWED' ? 'text-accent' : 'text-soft'}`}>
      {outcome({ ...step, status: step.status })}
    </p>
  );
}
