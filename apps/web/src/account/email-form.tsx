import { toast } from 'sonner';
import { useTranslations } from 'use-intl';
import { client } from '../trpc.ts';
import { Field } from '../ui/field.tsx';
import { Form, Submit, useServerForm } from '../ui/form.tsx';
import { PasswordField } from '../ui/password-field.tsx';
import { Section } from '../ui/section.tsx';
import { type Account, useAccountChanged } from './account.ts';

/** The address one signs in with. The first is given freely; another one takes the password. */
export function EmailForm({ account: { email, hasPassword } }: { account: Account }) {
  const t = useTranslations();
  const changed = useAccountChanged();
  const form = useServerForm({ email: email ?? '', ...(email && { password: '' }) }, async (values) => {
    await client.account.setEmail.mutate(values);
    await changed();
    toast.success(t('account.emailChanged', { email: values.email.trim() }));
  });
  return (
    <Section title={t('form.email')}>
      {!email && <p className="text-soft">{t('account.placeholderEmail')}</p>}
      {email && !hasPassword ? (
        <>
          <p>{email}</p>
          <p className="text-faint text-sm">{t('account.emailNeedsPassword')}</p>
        </>
      ) : (
        <Form of={form}>
          <Field of={form} name="email" label={t('form.email')} type="email" autoComplete="email" />
          {email && <PasswordField of={form} name="password" label={t('form.currentPassword')} />}
          <Submit of={form} look={email ? 'line' : 'solid'}>
            {t(email ? 'account.changeEmail' : 'account.giveEmail')}
          </Submit>
        </Form>
      )}
    </Section>
  );
}
