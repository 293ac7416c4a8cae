import type { PendingApprovalRow } from '@it0/client/pending-approvals-store';
import { usePendingApprovals, usePendingApprovalsStore } from '@it0/client/react/pending-approvals-scope';
import { Link } from '@tanstack/react-router';
import { useTranslations } from 'use-intl';
import { useAgo } from '../../ui/time/use-ago.ts';
import { ApprovalBody } from '../approval-body.tsx';
import { pickCardStyle } from '../approval-style.ts';

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

type CardProps = { row: PendingApprovalRow; live: boolean; onLeave(): void };

function PendingCard({ row: { approval, outcome }, live, onLeave }: CardProps) {
  const store = usePendingApprovalsStore();
  const id = `waiting-${approval.approvalId}`;
  return (
    <article
      aria-labelledby={`${id}-title`}
      data-testid="waiting-card"
      className={`rounded-xl border p-3.5 ${pickCardStyle(approval, !outcome)}`}
    >
      <ApprovalSource approval={approval} onLeave={onLeave} />
      <ApprovalBody
        {...{ id, approval, outcome, live }}
        outcomeRole="status"
        decide={(decision) => store.decide(approval, decision)}
      />
    </article>
  );
}

/** Agent, person and session of an approval, with a link to the session. */
function ApprovalSource({ approval, onLeave }: { approval: PendingApprovalRow['approval']; onLeave(): void }) {
  const t = useTranslations();
  const ago = useAgo();
  const { approvalId, instanceId, instanceName, sessionId, taskId, sessionTitle, askerName, askedAt } = approval;
  const name = instanceName ?? t('waiting.assistant');
  return (
    <div className="mb-2 min-w-0 text-sm">
      <p className="flex gap-2">
        <span className="truncate font-semibold">{name}</span>
        <span className="ml-auto shrink-0 text-faint">{ago(askedAt)}</span>
      </p>
      <p className="flex gap-2 text-soft">
        {instanceId ? (
          <Link
            to="/agents/$instanceId"
            params={{ instanceId }}
            search={{ session: sessionId, message: taskId, approval: approvalId }}
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
