import { limits } from '@it0/contracts/limits';
import { isReason } from '@it0/contracts/reason-names';
import { useTranslations } from 'use-intl';
import type en from '../../i18n/en.ts';
import { useFailureMessage } from '../use-error-message.ts';

/** Names of form fields. Each has its own message for invalid input in `form.invalid`. */
export type FieldName = keyof typeof en.form.invalid;

/**
 * Error of a field or a form: a reason, or a validation type. It is formatted when it is rendered, so that it follows
 * the language of the page. `message` has its numbers as JSON.
 */
export type FieldError = { type: string; message?: string };

/** Returns a function that formats the error of a field, or of the whole form without a name. */
export function useFieldError() {
  const t = useTranslations('form');
  const formatFailure = useFailureMessage();
  return ({ type, message }: FieldError, name?: FieldName) => {
    if (type === 'required') return t('missing');
    const reason = isReason(type) ? type : null;
    if (reason || !name) return formatFailure({ ...parseNumbers(message), reason });
    return t(`invalid.${name}`, limits.password);
  };
}

type Numbers = { retryAfter: number | null; params: Record<string, number> | null };

const parseNumbers = (message: string | undefined): Numbers =>
  message ? (JSON.parse(message) as Numbers) : { retryAfter: null, params: null };
