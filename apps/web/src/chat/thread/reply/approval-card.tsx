import { useChat, useChatScope } from '@it0/client/react/chat-scope';
import type { ApprovalStep } from '@it0/contracts/reply';
import { ApprovalBody } from '../../../approvals/approval-body.tsx';
import { pickCardStyle } from '../../../approvals/approval-style.ts';
import { copyExactly, VisibleText } from '../../../ui/visible-text.tsx';
import { DecisionLine } from '../tool/decision-line.tsx';

/** Returns the element id of an approval's card. */
export const toApprovalElementId = (approvalId: string) => `approval-${approvalId}`;

type Props = { step: ApprovalStep; isFinal: boolean };

/** Approval in a conversation: a card while a person decides, then its command and result. */
export const ApprovalCard = ({ step, isFinal }: Props) =>
  isFinal ? <FinalDecision step={step} /> : <PersonDecision step={step} />;

function FinalDecision({ step }: { step: ApprovalStep }) {
  return (
    <div
      id={toApprovalElementId(step.approvalId)}
      data-testid="approval-card"
      data-status={step.status}
      className="flex min-w-0 flex-col gap-1 px-1"
    >
      <pre
        // biome-ignore lint/a11y/noNoninteractiveTabindex: the box has to be focusable to scroll it by keyboard
        tabIndex={0}
        onCopy={copyExactly}
        className="max-h-20 min-w-0 max-w-full overflow-y-auto whitespace-break-spaces font-mono text-sm [overflow-wrap:anywhere]"
      >
        <VisibleText text={step.command} />
      </pre>
      <DecisionLine step={step} />
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
