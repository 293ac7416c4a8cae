import { toast } from 'sonner';
import { useTranslations } from 'use-intl';
import { EndKeys } from '../sign-in/end-keys.tsx';
import { client, trpc } from '../trpc.ts';
import { Form, Submit, useServerForm } from '../ui/form.tsx';
import { NewPasswordField, PasswordField, Whose } from '../ui/password-field.tsx';
import { Section } from '../ui/section.tsx';
import { type Account, useAccountChanged } from './account.ts';

/** The first password, or another one. */
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
  const changed = useAccountChanged();
  const form = useServerForm({ password: '' }, async (values) => {
    await client.account.setPassword.mutate(values);
    await changed();
    toast.success(t('passwordSet'));
  });
  return (
    <Form of={form}>
      <p className="text-soft">{t('setPasswordBody')}</p>
      <Whose email={email} />
      <NewPasswordField of={form} name="password" />
      <Submit of={form}>{t('setPassword')}</Submit>
    </Form>
  );
}

function ChangePassword({ email }: { email: string }) {
  const t = useTranslations();
  const changed = useAccountChanged();
  const utils = trpc.useUtils();
  const keys = trpc.account.keys.useQuery();
  const form = useServerForm({ current: '', next: '', endKeys: false }, async (values) => {
    await client.account.changePassword.mutate(values);
    form.form.reset();
    await Promise.all([utils.account.keys.invalidate(), utils.apiKey.list.invalidate()]);
    await changed();
    toast.success(t('account.passwordChanged'));
  });
  return (
    <Form of={form}>
      <Whose email={email} />
      <PasswordField of={form} name="current" label={t('form.currentPassword')} />
      <NewPasswordField of={form} name="next" />
      <EndKeys of={form} keys={keys.data ?? []} />
      <Submit of={form} look="line">
        {t('account.changePassword')}
      </Submit>
    </Form>
  );
}
