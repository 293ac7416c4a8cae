import type { ApprovalToDecide } from '@it0/client/chat-source';
import type { ApprovalDecision } from '@it0/contracts/chat-event';
import { useTranslations } from 'use-intl';
import { usePermission } from '../sign-in/use-me.ts';
import { isUnsandboxed, pickIcon } from './approval-style.ts';
import { ApprovalSubject } from './approval-subject.tsx';
import { DecisionButtons } from './decision-buttons.tsx';
import { EndHint, useEnds } from './end-hint.tsx';
import { type ApprovalOutcome, Outcome } from './outcome.tsx';
import { TimeLeft } from './time-left.tsx';

type Props = {
  /** Prefix of the element ids; the title's is `<id>-title`. */
  id: string;
  approval: ApprovalToDecide & { digest?: string | null; expiresAt: string };
  /** Null while the approval is pending. */
  outcome: ApprovalOutcome | null;
  outcomeRole?: 'status';
  /** False while the approval can be outdated; then it cannot be allowed. */
  live: boolean;
  decide(decision: ApprovalDecision): Promise<unknown>;
};

/**
 * Content of an approval's card: everything that it covers, and its decision or outcome. It keeps its height after the
 * decision, so that nothing moves under the pointer.
 */
export function ApprovalBody({ id, approval, outcome, outcomeRole, live, decide }: Props) {
  const t = useTranslations('approval');
  const canDecide = usePermission('approval:decide');
  const ends = useEnds(approval);
  const Icon = pickIcon(approval, outcome?.status ?? 'PENDING');
  const color = outcome ? 'text-faint' : isUnsandboxed(approval) ? 'text-bad' : 'text-warn';
  const hintId = `${id}-end`;
  return (
    <>
      <h3 id={`${id}-title`} className="flex items-center gap-2 font-semibold text-sm">
        <Icon className={`size-4.5 shrink-0 ${color}`} />
        {t(`${outcome ? 'decided' : 'title'}.${approval.kind ?? 'exec'}`)}
      </h3>
      <ApprovalSubject approval={approval} ends={ends} />
      <div className="mt-3 flex min-h-9 flex-wrap items-center gap-2 pointer-coarse:min-h-11">
        {outcome && <Outcome outcome={outcome} role={outcomeRole} />}
        {!outcome && canDecide && (
          <DecisionButtons {...{ approval, live, isVisible: ends.isVisible, hintId, decide }} />
        )}
        {!outcome && !canDecide && <p className="text-soft text-sm">{t('others')}</p>}
        {!outcome && <TimeLeft until={approval.expiresAt} />}
      </div>
      {canDecide && <EndHint id={hintId} ends={ends} isPending={!outcome} />}
    </>
  );
}
