import type { Path } from 'react-hook-form';
import { useTranslations } from 'use-intl';
import { Field } from './field.tsx';
import type { ServerForm, Values } from './form.tsx';
import type { FieldName } from './use-field-error.ts';

type Props<T extends Values> = { form: ServerForm<T>; name: Path<T> & FieldName; autoFocus?: boolean };

/** Field for the six digits of an authenticator app. */
export function CodeField<T extends Values>(props: Props<T>) {
  const t = useTranslations('form');
  return (
    <Field
      {...props}
      label={t('code')}
      inputMode="numeric"
      autoComplete="one-time-code"
      maxLength={20}
      className="min-h-10 w-40 rounded-lg border border-line-strong bg-raised px-3 font-mono text-lg tracking-[0.3em] outline-none focus:border-accent aria-invalid:border-bad pointer-coarse:min-h-11"
    />
  );
}
