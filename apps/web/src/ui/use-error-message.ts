import { type FormFailure, toFormFailure } from '@it0/client/form-failure';
import { useFormatter, useTranslations } from 'use-intl';

type Failure = Pick<FormFailure<never>, 'reason' | 'retryAfter'> & Partial<Pick<FormFailure<never>, 'params'>>;

const toGigabytes = (bytes = 0) => bytes / 1e9;

/** Returns a function that explains the failure of a request in the user's language. */
export function useFailureMessage() {
  const t = useTranslations();
  const format = useFormatter();
  return ({ reason, retryAfter, params }: Failure) => {
    if (!reason) return t('form.unreachable');
    if (reason === 'NOT_ENOUGH_MEMORY' && params)
      return t('form.noMemory', {
        needed: toGigabytes(params.needed),
        free: toGigabytes(params.free),
        promised: toGigabytes(params.promised),
      });
    if (!retryAfter || reason !== 'TOO_MANY_REQUESTS') return t(`reasons.${reason}`);
    const now = Date.now();
    return t('form.tooMany', { when: format.relativeTime(now + retryAfter * 1_000, now) });
  };
}

/** Returns a function that explains a thrown error in the user's language, as a sentence of its own. */
export function useErrorMessage() {
  const formatFailure = useFailureMessage();
  return (error: unknown) => capitalize(formatFailure(toFormFailure(error, [])));
}

const capitalize = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
