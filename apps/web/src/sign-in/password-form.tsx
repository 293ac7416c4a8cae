import { useTranslations } from 'use-intl';
import { client } from '../trpc.ts';
import { Field } from '../ui/field.tsx';
import { Form, Submit, useServerForm } from '../ui/form.tsx';
import { PasswordField } from '../ui/password-field.tsx';

type Props = {
  email: string;
  onSignedIn(): Promise<void>;
  /** The password was right, and a second factor is asked for. */
  onChallenge(challenge: string): void;
  onEmail(email: string): void;
};

export function PasswordForm({ email, onSignedIn, onChallenge, onEmail }: Props) {
  const t = useTranslations();
  const form = useServerForm({ email, password: '' }, async (values) => {
    const { challenge } = await client.auth.signIn.mutate({ ...values, by: 'cookie' });
    if (challenge) onChallenge(challenge);
    else await onSignedIn();
  });
  return (
    <Form of={form} onChange={() => onEmail(form.form.getValues('email'))}>
      <Field of={form} name="email" label={t('form.email')} type="email" autoComplete="username" inputMode="email" />
      <PasswordField of={form} name="password" />
      <Submit of={form}>{t('signIn.submit')}</Submit>
    </Form>
  );
}
