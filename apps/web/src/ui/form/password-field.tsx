import { limits } from '@it0/contracts/limits';
import type { Path } from 'react-hook-form';
import { useTranslations } from 'use-intl';
import { Field } from './field.tsx';
import type { ServerForm, Values } from './form.tsx';
import type { FieldName } from './use-field-error.ts';

type Props<T extends Values> = { form: ServerForm<T>; name: Path<T> & FieldName; label?: string };

/** Field for the current password. */
export function PasswordField<T extends Values>({ label, ...props }: Props<T>) {
  const t = useTranslations('form');
  return <Field {...props} label={label ?? t('password')} type="password" autoComplete="current-password" />;
}

/** Field for a new password. */
export function NewPasswordField<T extends Values>({ label, ...props }: Props<T>) {
  const t = useTranslations('form');
  const { min, max } = limits.password;
  return (
    <Field
      {...props}
      label={label ?? t('newPassword')}
      hint={t('rule', { min })}
      rules={{ minLength: min, maxLength: max }}
      type="password"
      autoComplete="new-password"
    />
  );
}

/** Hidden username, so that a password manager knows which account the password is for. */
export const UsernameField = ({ email }: { email: string }) => (
  <input type="email" autoComplete="username" value={email} readOnly hidden />
);
