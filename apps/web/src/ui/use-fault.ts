import { limits } from '@it0/contracts/limits';
import { Reason } from '@it0/contracts/reasons';
import { useTranslations } from 'use-intl';
import type { FieldName } from './form.tsx';
import { useProblem } from './use-problem.ts';

/**
 * What is wrong with a field or a form, kept as what it is, so that it changes its language with the page. `message` is
 * in how many seconds to try again.
 */
export type Fault = { type: string; message?: string };

export function useFault() {
  const t = useTranslations('form');
  const problem = useProblem();
  return ({ type, message }: Fault, name?: FieldName) => {
    if (type === 'required') return t('missing');
    const reason = Reason.safeParse(type).data;
    if (reason || !name) return problem({ reason: reason ?? null, retryAfter: Number(message) || null });
    return t(`invalid.${name}`, limits.password);
  };
}
