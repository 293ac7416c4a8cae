import { type FormFailure, toFormFailure } from '@it0/client/form-failure';
import { useFormatter, useTranslations } from 'use-intl';

type Problem = Pick<FormFailure<never>, 'reason' | 'retryAfter'> & Partial<Pick<FormFailure<never>, 'params'>>;

const gigabytes = (bytes = 0) => bytes / 1e9;

/** Why a request failed, in the person's language. */
export function useErrorMessage() {
  const t = useTranslations();
  const format = useFormatter();
  return ({ reason, retryAfter, params }: Problem) => {
    if (!reason) return t('outgoing.unreachable');
    if (reason === 'NOT_ENOUGH_MEMORY' && params)
      return t('form.noMemory', {
        needed: gigabytes(params.needed),
        free: gigabytes(params.free),
        promised: gigabytes(params.promised),
      });
    if (!retryAfter || reason !== 'TOO_MANY_REQUESTS') return t(`reasons.${reason}`);
    const now = Date.now();
    return t('form.tooMany', { when: format.relativeTime(now + retryAfter * 1_000, now) });
  };
}

/** The same of an error as it was thrown. */
export function useProblemOf() {
  const problem = useErrorMessage();
  return (error: unknown) => problem(toFormFailure(error, []));
}
