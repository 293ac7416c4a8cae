import { useTranslations } from 'use-intl';
import { client } from '../trpc.ts';
import { Form, Submit, useServerForm } from '../ui/form/form.tsx';
import { NameField } from '../ui/form/name-field.tsx';
import { NewPasswordField, UsernameField } from '../ui/form/password-field.tsx';
import { useEnterTenant } from './use-enter-tenant.ts';

/** Form that creates an account for the invited address. */
export function JoinForm({ id, email }: { id: string; email: string }) {
  const t = useTranslations();
  const enterTenant = useEnterTenant();
  const form = useServerForm({ name: '', password: '' }, async (values) => {
    await client.invitation.join.mutate({ id, ...values, by: 'cookie' });
    await enterTenant();
  });
  return (
    <Form form={form}>
      <div className="grid gap-1.5">
        <p className="font-medium text-sm">{t('form.email')}</p>
        <p className="text-soft [overflow-wrap:anywhere]">{email}</p>
      </div>
      <UsernameField email={email} />
      <NameField form={form} name="name" label={t('form.yourName')} autoComplete="name" />
      <NewPasswordField form={form} name="password" label={t('form.password')} />
      <Submit form={form}>{t('invitation.join')}</Submit>
    </Form>
  );
}
