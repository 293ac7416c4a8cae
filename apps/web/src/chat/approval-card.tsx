import { reasonOf } from '@it0/client/errors';
import { useChat, useChatScope } from '@it0/client/react/chat-scope';
import type { ApprovalDecision } from '@it0/contracts/chat-event';
import type { ApprovalStep } from '@it0/contracts/reply';
import { ShieldAlert, ShieldCheck, ShieldX } from 'lucide-react';
import { useState } from 'react';
import { toast } from 'sonner';
import { useTranslations } from 'use-intl';
import { TimeLeft } from '../approvals/time-left.tsx';
import { useOutcome } from '../approvals/use-outcome.ts';
import { usePermission } from '../sign-in/use-me.ts';
import { Button } from '../ui/button.tsx';

export const approvalElement = (approvalId: string) => `approval-${approvalId}`;

/** A command that waits for a person, and afterwards what became of it. It keeps its height: nothing slides under a pointer. */
export function ApprovalCard({ step }: { step: ApprovalStep }) {
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
      <div className="mt-3 flex min-h-9 flex-wrap items-center gap-2 pointer-coarse:min-h-11">
        {!pending ? <Outcome step={step} /> : decides ? <Decide step={step} /> : <Wait step={step} />}
      </div>
    </fieldset>
  );
}

function Decide({ step }: { step: ApprovalStep }) {
  const { allowedDecisions, expiresAt } = step;
  const t = useTranslations();
  const { chat } = useChatScope();
  const live = useChat((state) => state.live);
  const [deciding, setDeciding] = useState(false);
  const decide = async (decision: ApprovalDecision) => {
    setDeciding(true);
    try {
      await chat.decide(step, decision);
    } catch (error) {
      setDeciding(false);
      const reason = reasonOf(error);
      toast.error(reason ? t(`reasons.${reason}`) : t('outgoing.unreachable'));
    }
  };
  // What is shown may be behind: then nothing is decided.
  const disabled = deciding || !live;
  return (
    <>
      {allowedDecisions.includes('allow-once') && (
        <Button look="warn" disabled={disabled} onClick={() => void decide('allow-once')}>
          {t('approval.allow')}
        </Button>
      )}
      {allowedDecisions.includes('deny') && (
        <Button disabled={disabled} onClick={() => void decide('deny')}>
          {t('approval.deny')}
        </Button>
      )}
      <TimeLeft until={expiresAt} />
    </>
  );
}

/** For whoever may not decide. */
function Wait({ step: { expiresAt } }: { step: ApprovalStep }) {
  const t = useTranslations('approval');
  return (
    <>
      <p className="text-soft text-sm">{t('others')}</p>
      <TimeLeft until={expiresAt} />
    </>
  );
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
