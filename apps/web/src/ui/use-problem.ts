import { type FormFailure, formFailure } from '@it0/client/form-failure';
import { useFormatter, useTranslations } from 'use-intl';

/** Why a request failed, in the person's language. */
export function useProblem() {
  const t = useTranslations();
  const format = useFormatter();
  return ({ reason, retryAfter }: Pick<FormFailure<never>, 'reason' | 'retryAfter'>) => {
    if (!reason) return t('outgoing.unreachable');
    if (!retryAfter || reason !== 'TOO_MANY_REQUESTS') return t(`reasons.${reason}`);
    const now = Date.now();
    return t('form.tooMany', { when: format.relativeTime(now + retryAfter * 1_000, now) });
  };
}

/** The same of an error as it was thrown. */
export function useProblemOf() {
  const problem = useProblem();
  return (error: unknown) => problem(formFailure(error, []));
}
