import { type FormFailure, formFailure } from '@it0/client/form-failure';
import { useFormatter, useTranslations } from 'use-intl';

type Problem = Pick<FormFailure<never>, 'reason' | 'retryAfter'> & Partial<Pick<FormFailure<never>, 'figures'>>;

const gigabytes = (bytes = 0) => bytes / 1e9;

/** Why a request failed, in the person's language. */
export function useProblem() {
  const t = useTranslations();
  const format = useFormatter();
  return ({ reason, retryAfter, figures }: Problem) => {
    if (!reason) return t('outgoing.unreachable');
    if (reason === 'NOT_ENOUGH_MEMORY' && figures)
      return t('form.noMemory', {
        needed: gigabytes(figures.needed),
        free: gigabytes(figures.free),
        promised: gigabytes(figures.promised),
      });
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
