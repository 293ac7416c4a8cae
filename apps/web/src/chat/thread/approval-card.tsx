import { useChat, useChatScope } from '@it0/client/react/chat-scope';
import type { ApprovalDecision } from '@it0/contracts/chat-event';
import type { ApprovalStep } from '@it0/contracts/reply';
import { useTranslations } from 'use-intl';
import {
  EndHint,
  type Ends,
  isOutside,
  pickIcon,
  pickLook,
  Question,
  useEnds,
} from '../../approvals/approval-body.tsx';
import { Decide, Wait } from '../../approvals/decide.tsx';
import { useOutcome } from '../../approvals/use-outcome.ts';
import { usePermission } from '../../sign-in/use-me.ts';
import { copyExactly, VisibleText } from '../../ui/visible-text.tsx';

export const approvalElement = (approvalId: string) => `approval-${approvalId}`;

/** A command that waits for a person, and what became of it; what a rule decided waited for nobody, and takes one line. */
export const ApprovalCard = ({ step }: { step: ApprovalStep }) =>
  step.decidedByRule ? <Ruled step={step} /> : <Asked step={step} />;

function Ruled({ step }: { step: ApprovalStep }) {
  const t = useTranslations('rules.kind');
  const Icon = pickIcon(step, step.status);
  return (
    <div
      id={approvalElement(step.approvalId)}
      data-testid="approval-card"
      data-status={step.status}
      className="flex min-w-0 flex-wrap items-center gap-x-2 gap-y-1 px-1"
    >
      <Icon className="size-4 shrink-0 text-faint" />
      {isOutside(step) && <span className="font-medium text-bad text-sm">{t('exec-unsandboxed')}</span>}
      <pre
        // biome-ignore lint/a11y/noNoninteractiveTabindex: the box has to be focusable to scroll it by keyboard
        tabIndex={0}
        onCopy={copyExactly}
        className="max-h-20 min-w-0 max-w-full overflow-y-auto whitespace-break-spaces font-mono text-sm [overflow-wrap:anywhere]"
      >
        <VisibleText text={step.command} />
      </pre>
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
  const ends = useEnds(step);
  const Icon = pickIcon(step, step.status);
  const color = isOutside(step) ? 'text-bad' : 'text-warn';
  return (
    <fieldset
      id={id}
      tabIndex={-1}
      aria-labelledby={`${id}-title`}
      data-testid="approval-card"
      data-status={step.status}
      className={`min-w-0 rounded-xl border p-3.5 ${pickLook(step, pending)} ${pending ? 'animate-rise' : ''}`}
    >
      <div className="flex items-center gap-2">
        <Icon className={`size-4.5 shrink-0 ${pending ? color : 'text-faint'}`} />
        <h3 id={`${id}-title`} className="font-semibold text-sm">
          {t(`title.${step.kind ?? 'exec'}`)}
        </h3>
      </div>
      <Question approval={step} ends={ends} />
      <div className="mt-3 flex min-h-9 flex-wrap items-center gap-2 pointer-coarse:min-h-11">
        {!pending && <Outcome step={step} />}
        {pending && !decides && <Wait until={step.expiresAt} />}
        {pending && decides && <DecideHere step={step} ends={ends} whyNot={`${id}-end`} />}
      </div>
      {decides && <EndHint id={`${id}-end`} ends={ends} isOpen={pending} />}
    </fieldset>
  );
}

function DecideHere({ step, ends, whyNot }: { step: ApprovalStep; ends: Ends; whyNot: string }) {
  const { chat } = useChatScope();
  const live = useChat((state) => state.live);
  const decide = (decision: ApprovalDecision) => chat.decide(step, decision);
  return <Decide approval={step} live={live} isVisible={ends.isVisible} whyNot={whyNot} decide={decide} />;
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
