import { useState } from 'react';
import { toast } from 'sonner';
import { useTranslations } from 'use-intl';
import { client } from '../trpc.ts';
import { Form, Submit, useServerForm } from '../ui/form.tsx';
import { PasswordField } from '../ui/password-field.tsx';
import { Section } from '../ui/section.tsx';
import { type Account, type NewSecondFactor, useAccountChanged } from './account.ts';
import { SetUpFactor } from './set-up-factor.tsx';

/** A code asked for after the password: how it is set up, and how it is taken off again. */
export function SecondFactor({ account: { hasPassword, secondFactor } }: { account: Account }) {
  const t = useTranslations('account');
  const [begun, setBegun] = useState<NewSecondFactor | null>(null);
  return (
    <Section title={t('secondFactor')}>
      <p className="text-soft">{t(secondFactor ? 'factorOn' : 'factorOff')}</p>
      {!hasPassword ? (
        <p className="text-faint text-sm">{t('factorNeedsPassword')}</p>
      ) : secondFactor ? (
        <Remove />
      ) : begun ? (
        <SetUpFactor factor={begun} onCancel={() => setBegun(null)} onDone={() => setBegun(null)} />
      ) : (
        <Begin onBegun={setBegun} />
      )}
    </Section>
  );
}

function Begin({ onBegun }: { onBegun(factor: NewSecondFactor): void }) {
  const t = useTranslations();
  const form = useServerForm({ password: '' }, async (values) => {
    onBegun(await client.secondFactor.begin.mutate(values));
  });
  return (
    <Form of={form}>
      <PasswordField of={form} name="password" label={t('form.currentPassword')} />
      <Submit of={form} look="line">
        {t('account.factorBegin')}
      </Submit>
    </Form>
  );
}

function Remove() {
  const t = useTranslations();
  const changed = useAccountChanged();
  const form = useServerForm({ password: '' }, async (values) => {
    await client.secondFactor.remove.mutate(values);
    await changed();
    toast.success(t('account.factorRemoved'));
  });
  return (
    <Form of={form}>
      <PasswordField of={form} name="password" label={t('form.currentPassword')} />
      <Submit of={form} look="bad">
        {t('account.factorRemove')}
      </Submit>
    </Form>
  );
}
