import { useTranslations } from 'use-intl';
import { EndKeys } from '../sign-in/end-keys.tsx';
import { client, trpc } from '../trpc.ts';
import { Form, Submit, useServerForm } from '../ui/form/form.tsx';
import { NewPasswordField, PasswordField, UsernameField } from '../ui/form/password-field.tsx';
import { Section } from '../ui/section.tsx';
import { toast } from '../ui/toast/toast.ts';
import { type Account, useRefreshAccount } from './account.ts';

/** Form that sets the first password or changes it. */
export function PasswordSection({ account: { email, hasPassword } }: { account: Account }) {
  const t = useTranslations();
  return (
    <Section title={t('form.password')}>
      {!email ? (
        <p className="text-soft">{t('account.passwordNeedsEmail')}</p>
      ) : hasPassword ? (
        <ChangePassword email={email} />
      ) : (
        <SetPassword email={email} />
      )}
    </Section>
  );
}

function SetPassword({ email }: { email: string }) {
  const t = useTranslations('account');
  const refresh = useRefreshAccount();
  const form = useServerForm({ password: '' }, async (values) => {
    await client.account.setPassword.mutate(values);
    await refresh();
    toast.success(t('passwordSet'));
  });
  return (
    <Form form={form}>
      <p className="text-soft">{t('setPasswordBody')}</p>
      <UsernameField email={email} />
      <NewPasswordField form={form} name="password" />
      <Submit form={form}>{t('setPassword')}</Submit>
    </Form>
  );
}

function ChangePassword({ email }: { email: string }) {
  const t = useTranslations();
  const refresh = useRefreshAccount();
  const utils = trpc.useUtils();
  const keys = trpc.account.keys.useQuery();
  const form = useServerForm({ current: '', next: '', endKeys: false }, async (values) => {
    await client.account.changePassword.mutate(values);
    form.methods.reset();
    await Promise.all([utils.account.keys.invalidate(), utils.apiKey.list.invalidate()]);
    await refresh();
    toast.success(t('account.passwordChanged'));
  });
  return (
    <Form form={form}>
      <UsernameField email={email} />
      <PasswordField form={form} name="current" label={t('form.currentPassword')} />
      <NewPasswordField form={form} name="next" />
      <EndKeys form={form} keys={keys.data ?? []} />
      <Submit form={form} variant="outline">
        {t('account.changePassword')}
      </Submit>
    </Form>
  );
}
