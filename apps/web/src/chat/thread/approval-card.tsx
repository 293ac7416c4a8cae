import { useChat, useChatScope } from '@it0/client/react/chat-scope';
import type { ApprovalDecision } from '@it0/contracts/chat-event';
import type { ApprovalStep } from '@it0/contracts/reply';
import { useTranslations } from 'use-intl';
import {
  ApprovalBody,
  EndHint,
  type Ends,
  isOutside,
  pickIcon,
  pickStyle,
  useEnds,
} from '../../approvals/approval-body.tsx';
import { AwaitingDecision, DecisionButtons } from '../../approvals/decision-buttons.tsx';
import { useOutcomeText } from '../../approvals/use-outcome-text.ts';
import { usePermission } from '../../sign-in/use-me.ts';
import { copyExactly, VisibleText } from '../../ui/visible-text.tsx';

/** Returns the element id of an approval's card. */
export const toApprovalElementId = (approvalId: string) => `approval-${approvalId}`;

/** Approval in a conversation: a card if a person decides, or one line if a rule has decided. */
export const ApprovalCard = ({ step }: { step: ApprovalStep }) =>
  step.decidedByRule ? <RuleDecision step={step} /> : <PersonDecision step={step} />;

function RuleDecision({ step }: { step: ApprovalStep }) {
  const t = useTranslations('rules.kind');
  const Icon = pickIcon(step, step.status);
  return (
    <div
      id={toApprovalElementId(step.approvalId)}
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

/** Card of an approval. It keeps its height after the decision, so that nothing moves under the pointer. */
function PersonDecision({ step }: { step: ApprovalStep }) {
  const t = useTranslations('approval');
  const id = toApprovalElementId(step.approvalId);
  const pending = step.status === 'PENDING';
  const canDecide = usePermission('approval:decide');
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
      className={`min-w-0 rounded-xl border p-3.5 ${pickStyle(step, pending)} ${pending ? 'animate-rise' : ''}`}
    >
      <div className="flex items-center gap-2">
        <Icon className={`size-4.5 shrink-0 ${pending ? color : 'text-faint'}`} />
        <h3 id={`${id}-title`} className="font-semibold text-sm">
          {t(`title.${step.kind ?? 'exec'}`)}
        </h3>
      </div>
      <ApprovalBody approval={step} ends={ends} />
      <div className="mt-3 flex min-h-9 flex-wrap items-center gap-2 pointer-coarse:min-h-11">
        {!pending && <Outcome step={step} />}
        {pending && !canDecide && <AwaitingDecision until={step.expiresAt} />}
        {pending && canDecide && <ChatDecision step={step} ends={ends} hintId={`${id}-end`} />}
      </div>
      {canDecide && <EndHint id={`${id}-end`} ends={ends} isOpen={pending} />}
    </fieldset>
  );
}

function ChatDecision({ step, ends, hintId }: { step: ApprovalStep; ends: Ends; hintId: string }) {
  const { chat } = useChatScope();
  const live = useChat((state) => state.live);
  const decide = (decision: ApprovalDecision) => chat.decide(step, decision);
  return <DecisionButtons approval={step} live={live} isVisible={ends.isVisible} hintId={hintId} decide={decide} />;
}

function Outcome({ step }: { step: ApprovalStep }) {
  const formatOutcome = useOutcomeText();
  if (step.status === 'PENDING') return null;
  return (
    <p className={`text-sm [overflow-wrap:anywhere] ${step.status === 'ALLOWED' ? 'text-accent' : 'text-soft'}`}>
      {formatOutcome({ ...step, status: step.status })}
    </p>
  );
}
