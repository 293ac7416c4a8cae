import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { client } from '../trpc.ts';
import { Form, Submit, useServerForm } from '../ui/form/form.tsx';
import { PasswordField } from '../ui/form/password-field.tsx';
import { Section } from '../ui/section.tsx';
import { toast } from '../ui/toast/toast.ts';
import { type Account, type NewSecondFactor, useRefreshAccount } from './account.ts';
import { SetUpFactor } from './set-up-factor.tsx';

/** Form that sets up or removes the second factor. */
export function SecondFactor({ account: { hasPassword, secondFactor } }: { account: Account }) {
  const t = useTranslations('account');
  const [setup, setSetup] = useState<NewSecondFactor | null>(null);
  return (
    <Section title={t('secondFactor')}>
      <p className="text-soft">{t(secondFactor ? 'factorOn' : 'factorOff')}</p>
      {!hasPassword ? (
        <p className="text-faint text-sm">{t('factorNeedsPassword')}</p>
      ) : secondFactor ? (
        <Remove />
      ) : setup ? (
        <SetUpFactor factor={setup} onCancel={() => setSetup(null)} onDone={() => setSetup(null)} />
      ) : (
        <StartSetup onStart={setSetup} />
      )}
    </Section>
  );
}

function StartSetup({ onStart }: { onStart(factor: NewSecondFactor): void }) {
  const t = useTranslations();
  const form = useServerForm({ password: '' }, async (values) => {
    onStart(await client.secondFactor.begin.mutate(values));
  });
  return (
    <Form form={form}>
      <PasswordField form={form} name="password" label={t('form.currentPassword')} />
      <Submit form={form} variant="outline">
        {t('account.factorBegin')}
      </Submit>
    </Form>
  );
}

function Remove() {
  const t = useTranslations();
  const refresh = useRefreshAccount();
  const form = useServerForm({ password: '' }, async (values) => {
    await client.secondFactor.remove.mutate(values);
    await refresh();
    toast.success(t('account.factorRemoved'));
  });
  return (
    <Form form={form}>
      <PasswordField form={form} name="password" label={t('form.currentPassword')} />
      <Submit form={form} variant="danger-outline">
        {t('account.factorRemove')}
      </Submit>
    </Form>
  );
}
