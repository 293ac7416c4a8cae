import { type ApprovalStatus, PENDING_LIMIT } from '@it0/contracts/chat-event';
import { useTranslations } from 'use-intl';

type Settled = {
  status: Exclude<ApprovalStatus, 'PENDING'>;
  decidedBy?: string | null;
  decidedByRule?: string | null;
};

/** What has become of an approval, and by whom. */
export function useOutcome() {
  const t = useTranslations('approval');
  return ({ status, decidedBy, decidedByRule }: Settled) => {
    const what = t(status);
    if (decidedByRule === PENDING_LIMIT) return t('byLimit', { what });
    if (decidedByRule) return t('byRule', { what, rule: decidedByRule });
    return decidedBy ? t('by', { what, who: decidedBy }) : what;
  };
}
