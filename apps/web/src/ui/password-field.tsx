import { limits } from '@it0/contracts/limits';
import type { Path } from 'react-hook-form';
import { useTranslations } from 'use-intl';
import { Field } from './field.tsx';
import type { FieldName, ServerForm, Values } from './form.tsx';

type Props<T extends Values> = { of: ServerForm<T>; name: Path<T> & FieldName; label?: string };

/** The password that somebody has. */
export function PasswordField<T extends Values>({ label, ...props }: Props<T>) {
  const t = useTranslations('form');
  return <Field {...props} label={label ?? t('password')} type="password" autoComplete="current-password" />;
}

/** One that somebody chooses. */
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

/** Tells a browser that keeps passwords whose this one is. */
export const Whose = ({ email }: { email: string }) => (
  <input type="email" autoComplete="username" value={email} readOnly hidden />
);
