import type { PendingApprovalRow } from '@it0/client/pending-approvals-store';
import { usePendingApprovals, usePendingApprovalsStore } from '@it0/client/react/pending-approvals-scope';
import { Link } from '@tanstack/react-router';
import { useTranslations } from 'use-intl';
import { usePermission } from '../../sign-in/use-me.ts';
import { useAgo } from '../../ui/use-ago.ts';
import { ApprovalBody, EndHint, isOutside, pickIcon, pickStyle, useEnds } from '../approval-body.tsx';
import { AwaitingDecision, DecisionButtons } from '../decision-buttons.tsx';
import { useOutcomeText } from '../use-outcome-text.ts';

/** List of pending approvals, the oldest first. A decided one shows its outcome for a moment. */
export default function PendingList({ onLeave }: { onLeave(): void }) {
  const t = useTranslations();
  const rows = usePendingApprovals((state) => state.rows);
  const live = usePendingApprovals((state) => state.live);
  const notListed = usePendingApprovals((state) => state.notListed);
  return (
    <>
      {rows !== null && !live && (
        <p role="status" className="rounded-lg bg-warn-wash px-3 py-2 text-sm text-warn">
          {t('chat.reconnecting')}
        </p>
      )}
      {rows === null && (
        <div className="h-24 animate-breathe rounded-xl bg-raised">
          <span className="sr-only">{t('app.loading')}</span>
        </div>
      )}
      {rows?.length === 0 && <p className="pb-2 text-soft">{t('waiting.none')}</p>}
      <ul className="grid grid-cols-1 gap-3">
        {rows?.map((row) => (
          <li key={row.approval.approvalId}>
            <PendingCard row={row} live={live} onLeave={onLeave} />
          </li>
        ))}
      </ul>
      {notListed > 0 && <p className="pt-3 text-soft text-sm">{t('waiting.notListed', { count: notListed })}</p>}
    </>
  );
}

function PendingCard({
  row: { approval, outcome },
  live,
  onLeave,
}: {
  row: PendingApprovalRow;
  live: boolean;
  onLeave(): void;
}) {
  const t = useTranslations();
  const store = usePendingApprovalsStore();
  const canDecide = usePermission('approval:decide');
  const ends = useEnds(approval);
  const { approvalId, kind, expiresAt } = approval;
  const id = `waiting-${approvalId}`;
  const Icon = pickIcon(approval, outcome?.status ?? 'PENDING');
  return (
    <article
      aria-labelledby={`${id}-title`}
      data-testid="waiting-card"
      className={`rounded-xl border p-3.5 ${pickStyle(approval, !outcome)}`}
    >
      <ApprovalSource approval={approval} onLeave={onLeave} />
      <h3 id={`${id}-title`} className="mt-2 flex items-center gap-2 font-semibold text-sm">
        <Icon
          className={`size-4.5 shrink-0 ${outcome ? 'text-faint' : isOutside(approval) ? 'text-bad' : 'text-warn'}`}
        />
        {t(`approval.title.${kind}`)}
      </h3>
      <ApprovalBody approval={approval} ends={ends} />
      <div className="mt-3 flex min-h-9 flex-wrap items-center gap-2 pointer-coarse:min-h-11">
        {outcome && <Outcome outcome={outcome} />}
        {!outcome && !canDecide && <AwaitingDecision until={expiresAt} />}
        {!outcome && canDecide && (
          <DecisionButtons
            {...{ approval, live, isVisible: ends.isVisible, hintId: `${id}-end` }}
            decide={(decision) => store.decide(approval, decision)}
          />
        )}
      </div>
      {canDecide && <EndHint id={`${id}-end`} ends={ends} isOpen={!outcome} />}
    </article>
  );
}

/** Agent, person and session of an approval, with a link to the session. */
function ApprovalSource({ approval, onLeave }: { approval: PendingApprovalRow['approval']; onLeave(): void }) {
  const t = useTranslations();
  const ago = useAgo();
  const { instanceId, instanceName, sessionId, sessionTitle, askerName, askedAt } = approval;
  const name = instanceName ?? t('waiting.assistant');
  return (
    <div className="min-w-0 text-sm">
      <p className="flex gap-2">
        <span className="truncate font-semibold">{name}</span>
        <span className="ml-auto shrink-0 text-faint">{ago(askedAt)}</span>
      </p>
      <p className="flex gap-2 text-soft">
        {instanceId ? (
          <Link
            to="/agents/$instanceId"
            params={{ instanceId }}
            search={{ session: sessionId }}
            onClick={onLeave}
            className="truncate rounded-sm text-accent underline underline-offset-2"
          >
            {sessionTitle}
          </Link>
        ) : (
          <span className="truncate">{sessionTitle}</span>
        )}
        {askerName && <span className="shrink-0 text-faint">{t('chat.by', { name: askerName })}</span>}
      </p>
    </div>
  );
}

function Outcome({ outcome }: { outcome: NonNullable<PendingApprovalRow['outcome']> }) {
  const formatOutcome = useOutcomeText();
  const { status } = outcome;
  if (status === 'PENDING') return null;
  return (
    <p
      role="status"
      className={`text-sm [overflow-wrap:anywhere] ${status === 'ALLOWED' ? 'text-accent' : 'text-soft'}`}
    >
      {formatOutcome({ ...outcome, status })}
    </p>
  );
}
