import { limits } from '@it0/contracts/limits';
import type { Path } from 'react-hook-form';
import { useTranslations } from 'use-intl';
import { Field } from './field.tsx';
import type { ServerForm, Values } from './form.tsx';
import type { FieldName } from './use-field-error.ts';

type Props<T extends Values> = {
  form: ServerForm<T>;
  name: Path<T> & FieldName;
  label?: string;
  autoComplete?: 'off' | 'name' | 'organization';
};

/** Field for the name of a person, an agent, an organization or a key. */
export function NameField<T extends Values>({ label, autoComplete = 'off', ...props }: Props<T>) {
  const t = useTranslations('form');
  const rules = { maxLength: limits.displayName };
  return <Field {...props} label={label ?? t('name')} rules={rules} autoComplete={autoComplete} />;
}
