import type { ApprovalStatus } from '@it0/contracts/chat-event';
import { PENDING_LIMIT } from '@it0/contracts/event-kinds';
import { useTranslations } from 'use-intl';

/** The result of an approval that is no longer pending, and who or what decided. */
export type ApprovalOutcome = {
  status: Exclude<ApprovalStatus, 'PENDING'>;
  decidedBy?: string | null;
  decidedByRule?: string | null;
};

/** Shows the outcome of an approval. With the role `status`, a screen reader reads it. */
export function Outcome({ outcome, role }: { outcome: ApprovalOutcome; role?: 'status' }) {
  const formatOutcome = useOutcomeText();
  const color = outcome.status === 'ALLOWED' ? 'text-accent' : 'text-soft';
  return (
    <p role={role} className={`text-sm [overflow-wrap:anywhere] ${color}`}>
      {formatOutcome(outcome)}
    </p>
  );
}

function useOutcomeText() {
  const t = useTranslations('approval');
  return ({ status, decidedBy, decidedByRule }: ApprovalOutcome) => {
    const what = t(status);
    if (decidedByRule === PENDING_LIMIT) return t('byLimit', { what });
    if (decidedByRule) return t('byRule', { what, rule: decidedByRule });
    return decidedBy ? t('by', { what, who: decidedBy }) : what;
  };
}
