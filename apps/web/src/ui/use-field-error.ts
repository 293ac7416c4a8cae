import { limits } from '@it0/contracts/limits';
import { Reason } from '@it0/contracts/reasons';
import { useTranslations } from 'use-intl';
import type { FieldName } from './form.tsx';
import { useErrorMessage } from './use-error-message.ts';

/**
 * What is wrong with a field or a form, kept as what it is, so that it changes its language with the page. `message` has
 * the numbers that belong to it, as JSON.
 */
export type Fault = { type: string; message?: string };

export function useFieldError() {
  const t = useTranslations('form');
  const problem = useErrorMessage();
  return ({ type, message }: Fault, name?: FieldName) => {
    if (type === 'required') return t('missing');
    const reason = Reason.safeParse(type).data;
    if (reason || !name) return problem({ ...numbersOf(message), reason: reason ?? null });
    return t(`invalid.${name}`, limits.password);
  };
}

type Numbers = { retryAfter: number | null; params: Record<string, number> | null };

const numbersOf = (message: string | undefined): Numbers =>
  message ? (JSON.parse(message) as Numbers) : { retryAfter: null, params: null };
