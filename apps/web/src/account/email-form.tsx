import { useTranslations } from 'use-intl';
import { client } from '../trpc.ts';
import { Field } from '../ui/form/field.tsx';
import { Form, Submit, useServerForm } from '../ui/form/form.tsx';
import { PasswordField } from '../ui/form/password-field.tsx';
import { Section } from '../ui/section.tsx';
import { toast } from '../ui/toast/toast.ts';
import { type Account, useRefreshAccount } from './account.ts';

/** Form for the email address. A change requires the password; the first address does not. */
export function EmailForm({ account: { email, hasPassword } }: { account: Account }) {
  const t = useTranslations();
  const refresh = useRefreshAccount();
  const form = useServerForm({ email: email ?? '', ...(email && { password: '' }) }, async (values) => {
    await client.account.setEmail.mutate(values);
    await refresh();
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
        <Form form={form}>
          <Field form={form} name="email" label={t('form.email')} type="email" autoComplete="email" />
          {email && <PasswordField form={form} name="password" label={t('form.currentPassword')} />}
          <Submit form={form} variant={email ? 'outline' : 'solid'}>
            {t(email ? 'account.changeEmail' : 'account.giveEmail')}
          </Submit>
        </Form>
      )}
    </Section>
  );
}
