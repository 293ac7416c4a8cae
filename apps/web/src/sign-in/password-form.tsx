import { useTranslations } from 'use-intl';
import { Field } from '../ui/form/field.tsx';
import { Form, Submit, useServerForm } from '../ui/form/form.tsx';
import { PasswordField } from '../ui/form/password-field.tsx';
import { useGuest } from './guest.tsx';

type Props = {
  email: string;
  onSignedIn(): Promise<void>;
  /** Called after a correct password if the account has a second factor. */
  onChallenge(challenge: string): void;
  /** Called when the address changes, so that the other forms can use it. */
  onEmail(email: string): void;
};

/** Form for the email address and password. */
export function PasswordForm({ email, onSignedIn, onChallenge, onEmail }: Props) {
  const t = useTranslations();
  const { auth } = useGuest();
  const form = useServerForm({ email, password: '' }, async (values) => {
    const { challenge } = await auth.signIn.mutate({ ...values, by: 'cookie' });
    if (challenge) onChallenge(challenge);
    else await onSignedIn();
  });
  return (
    <Form form={form} onChange={() => onEmail(form.methods.getValues('email'))}>
      <Field form={form} name="email" label={t('form.email')} type="email" autoComplete="username" inputMode="email" />
      <PasswordField form={form} name="password" />
      <Submit form={form}>{t('signIn.submit')}</Submit>
    </Form>
  );
}
