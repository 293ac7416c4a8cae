import { type ApprovalStatus, PENDING_LIMIT } from '@it0/contracts/chat-event';
import { useTranslations } from 'use-intl';

type Outcome = {
  status: Exclude<ApprovalStatus, 'PENDING'>;
  decidedBy?: string | null;
  decidedByRule?: string | null;
};

/** Returns a function that formats the outcome of an approval and who decided it. */
export function useOutcomeText() {
  const t = useTranslations('approval');
  return ({ status, decidedBy, decidedByRule }: Outcome) => {
    const what = t(status);
    if (decidedByRule === PENDING_LIMIT) return t('byLimit', { what });
    if (decidedByRule) return t('byRule', { what, rule: decidedByRule });
    return decidedBy ? t('by', { what, who: decidedBy }) : what;
  };
}
