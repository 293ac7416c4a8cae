import { useChat, useChatScope } from '@it0/client/react/chat-scope';
import type { ApprovalStep } from '@it0/contracts/reply';
import { useTranslations } from 'use-intl';
import { ApprovalBody } from '../../approvals/approval-body.tsx';
import { isUnsandboxed, pickCardStyle, pickIcon } from '../../approvals/approval-style.ts';
import { Outcome } from '../../approvals/outcome.tsx';
import { copyExactly, VisibleText } from '../../ui/visible-text.tsx';

/** Returns the element id of an approval's card. */
export const toApprovalElementId = (approvalId: string) => `approval-${approvalId}`;

/** Approval in a conversation: a card if a person decides, or one line if a rule has decided. */
export const ApprovalCard = ({ step }: { step: ApprovalStep }) =>
  step.decidedByRule ? <RuleDecision step={step} /> : <PersonDecision step={step} />;

function RuleDecision({ step }: { step: ApprovalStep }) {
  const t = useTranslations('rules.kind');
  const outcome = toOutcome(step);
  const Icon = pickIcon(step, step.status);
  return (
    <div
      id={toApprovalElementId(step.approvalId)}
      data-testid="approval-card"
      data-status={step.status}
      className="flex min-w-0 flex-wrap items-center gap-x-2 gap-y-1 px-1"
    >
      <Icon className="size-4 shrink-0 text-faint" />
      {isUnsandboxed(step) && <span className="font-medium text-bad text-sm">{t('exec-unsandboxed')}</span>}
      <pre
        // biome-ignore lint/a11y/noNoninteractiveTabindex: the box has to be focusable to scroll it by keyboard
        tabIndex={0}
        onCopy={copyExactly}
        className="max-h-20 min-w-0 max-w-full overflow-y-auto whitespace-break-spaces font-mono text-sm [overflow-wrap:anywhere]"
      >
        <VisibleText text={step.command} />
      </pre>
      {outcome && <Outcome outcome={outcome} />}
    </div>
  );
}

function PersonDecision({ step }: { step: ApprovalStep }) {
  const id = toApprovalElementId(step.approvalId);
  const outcome = toOutcome(step);
  const { chat } = useChatScope();
  const live = useChat((state) => state.live);
  return (
    <fieldset
      id={id}
      tabIndex={-1}
      aria-labelledby={`${id}-title`}
      data-testid="approval-card"
      data-status={step.status}
      className={`min-w-0 rounded-xl border p-3.5 ${pickCardStyle(step, !outcome)} ${outcome ? '' : 'animate-rise'}`}
    >
      <ApprovalBody {...{ id, approval: step, outcome, live }} decide={(decision) => chat.decide(step, decision)} />
    </fieldset>
  );
}

const toOutcome = ({ status, ...decision }: ApprovalStep) => (status === 'PENDING' ? null : { ...decision, status });
